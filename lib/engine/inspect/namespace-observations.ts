import { shellCommand } from '../cluster/shell-command';
import { restartByTemplate } from '../kinds/rolling-update';
import type { Workload } from '../snapshot/snapshot';
import type { EffectiveMutualTls, MeshMutualTls } from '../istio/mutual-tls/effective-mutual-tls';
import type { Observation } from './finding';
import { injectingRevision, injectionLabels, type LabelledNamespace } from './injection';
import { labelObservations } from './label-observations';
import type { NamespaceInspection } from './inspection';
import { isInstalled } from './installation-labels';
import type { PeerAuthentication } from '../istio/mutual-tls/peer-authentications';
import { isTransition } from '../istio/mutual-tls/transition-policy';
import type { MeshView } from './mesh-view';

const INJECT = 'sidecar.istio.io/inject';
const STRICT = { mtls: { mode: 'STRICT' } };
const AMBIENT = { label: 'istio.io/dataplane-mode', value: 'ambient' };

/** Contradictions between PeerAuthentications and the labels of namespaces and workloads. */
export function namespaceObservations(
  view: MeshView,
  namespaces: readonly NamespaceInspection[],
): readonly Observation[] {
  const { state, rootNamespace } = view;
  const found: Observation[] = [];
  const own = new Set([rootNamespace, ...state.istiods.map(({ deployment }) => deployment.metadata.namespace)]);
  for (const { name, injectedBy } of namespaces) {
    const namespace = state.snapshot.namespaces.get(name);
    // A namespace in ambient mode has no sidecars: ztunnel handles its traffic.
    if (!namespace || namespace.labels[AMBIENT.label] === AMBIENT.value) {
      continue;
    }
    found.push(
      ...transitionObservations(view, name),
      ...labelObservations(state.webhookConfigurations, namespace, view.workloadsIn(name)),
    );
    if (injectedBy !== '') {
      found.push(...insideObservations(view, namespace));
    } else if (!own.has(name)) {
      found.push(...outsideObservations(view, namespace));
    }
  }
  // Istio's own namespace may have injection enabled for gateways although it contains no gateway.
  const injected = namespaces.filter(
    ({ name, injectedBy, proxies }) => injectedBy !== '' && (proxies > 0 || !own.has(name)),
  );
  return [...found, ...meshObservations(view, injected)];
}

/** For a namespace that accepts plain text until its workloads have entered or left the mesh. */
function transitionObservations({ state }: MeshView, name: string): Observation[] {
  return state.peerAuthentications
    .filter((policy) => policy.metadata.namespace === name && isTransition(policy))
    .map((policy) => ({
      code: 'OpenTransition',
      object: namespaceObject(name),
      message: `${titleOf(policy)} makes namespace ${name} accept plain text until a restart has brought all of its workloads into the mesh or out of it, which has not happened yet`,
      remedy: shellCommand('istio-module', 'restart', '-n', name),
    }));
}

/** For a namespace without injection. */
function outsideObservations({ state, mutualTls, workloadsIn }: MeshView, { name }: LabelledNamespace): Observation[] {
  const object = namespaceObject(name);
  const remedy = shellCommand(
    'kubectl',
    'label',
    'namespace',
    name,
    ...injectionLabels(state.webhookConfigurations),
    '--overwrite',
  );
  const workloads = workloadsIn(name);
  const strict = workloads
    .map((workload) => ({ pods: bareOf(workload), ...modeOf(mutualTls, workload) }))
    .filter(({ pods, mode }) => pods > 0 && mode === 'STRICT');
  const isWide = ({ policy }: EffectiveMutualTls) => policy === mutualTls.mesh.policy;
  const own = strict.filter((one) => !isWide(one));
  const wide = strict.filter(isWide);
  const ofNamespace = mutualTls.ofNamespace(name);
  const policy =
    own[0]?.policy ??
    (workloads.length === 0 && ofNamespace.mode === 'STRICT' && !isWide(ofNamespace) ? ofNamespace.policy : undefined);
  const found: Observation[] = [];
  if (policy) {
    const taking = own.length === 0 ? 'pods created there will accept' : podsTake(own);
    found.push({
      code: 'StrictWithoutSidecars',
      object,
      message: `${titleOf(policy)} makes mutual TLS STRICT in namespace ${name}, but nothing injects sidecars there, so ${taking} plain text anyway`,
      remedy,
    });
  }
  if (wide.length > 0) {
    found.push({
      code: 'OutsideStrictMesh',
      object,
      message: `The mesh is STRICT, also in namespace ${name}, but nothing injects sidecars there, so ${podsTake(wide)} plain text anyway`,
      remedy,
    });
  }
  return found;
}

function podsTake(workloads: readonly { readonly pods: number }[]): string {
  const pods = workloads.reduce((total, one) => total + one.pods, 0);
  return pods === 1 ? '1 pod accepts' : `${String(pods)} pods accept`;
}

/** For a namespace with injection. */
function insideObservations({ state, mutualTls, workloadsIn }: MeshView, namespace: LabelledNamespace): Observation[] {
  const { name } = namespace;
  const found: Observation[] = [];
  const { mode, policy } = mutualTls.ofNamespace(name);
  if (mode !== 'STRICT' && policy && policy !== mutualTls.mesh.policy && !isTransition(policy)) {
    found.push({
      code: 'PlainTextNamespace',
      object: namespaceObject(name),
      message: `Namespace ${name} gets sidecars, but ${titleOf(policy)} makes mutual TLS ${mode} there, so ${MEANINGS[mode]}`,
      remedy: strictCommand(policy),
    });
  }
  const missing = { workloads: 0, pods: 0 };
  for (const workload of workloadsIn(name)) {
    const bare = bareOf(workload);
    if (bare === 0 || modeOf(mutualTls, workload).mode !== 'STRICT') {
      continue;
    }
    const optOut = optOutOf(workload);
    if (optOut) {
      found.push(optOutObservation(workload, bare, optOut));
    } else if (injectingRevision(state.webhookConfigurations, namespace, workload.template.metadata?.labels) !== '') {
      missing.workloads += 1;
      missing.pods += bare;
    }
  }
  if (missing.pods > 0) {
    found.push({
      code: 'SidecarsMissing',
      object: namespaceObject(name),
      message: `${missing.pods === 1 ? '1 pod' : `${String(missing.pods)} pods`} of ${missing.workloads === 1 ? '1 workload' : `${String(missing.workloads)} workloads`} in namespace ${name} ${missing.pods === 1 ? 'has' : 'have'} no sidecar yet, although mutual TLS is STRICT there`,
      remedy: shellCommand('istio-module', 'restart', '-n', name),
    });
  }
  return found;
}

const MEANINGS = {
  PERMISSIVE: 'they also accept plain text',
  DISABLE: 'they accept only plain text',
} as const;

function optOutObservation(workload: Workload, pods: number, optOut: 'labels' | 'annotations'): Observation {
  const { kind, namespace, name } = workload;
  const change = { spec: { template: { metadata: { [optOut]: { [INJECT]: null } } } } };
  return {
    code: 'OptedOutOfStrict',
    object: { kind, namespace, name },
    message: `${kind} ${namespace}/${name} opts out of the sidecar with ${INJECT}: 'false', although mutual TLS is STRICT for it, so ${podsTake([{ pods }])} plain text`,
    remedy:
      workload.type === 'rollable' && workload.owner.restart === restartByTemplate
        ? mergePatch(namespace, `${kind.toLowerCase()}/${name}`, change)
        : '',
  };
}

/** Where in its metadata the workload opts out of the sidecar; undefined if it does not. */
function optOutOf({ template }: Workload): 'labels' | 'annotations' | undefined {
  const { labels = {}, annotations = {} } = template.metadata ?? {};
  return labels[INJECT] === 'false'
    ? 'labels'
    : labels[INJECT] === undefined && annotations[INJECT] === 'false'
      ? 'annotations'
      : undefined;
}

/** The number of its pods that have no sidecar, but could have one. Istio's own pods need none. */
function bareOf({ template, pods }: Workload): number {
  return template.spec.hostNetwork || isInstalled(template.metadata?.labels ?? {})
    ? 0
    : pods.filter(({ sidecar }) => !sidecar).length;
}

function modeOf(mutualTls: MeshMutualTls, { namespace, template, pods }: Workload): EffectiveMutualTls {
  return mutualTls.ofPods(namespace, { ...template.metadata?.labels, ...pods[0]?.labels });
}

/** For a mesh that is not STRICT, with namespaces that have sidecars, but no policy of their own. */
function meshObservations(
  { mutualTls: { mesh }, rootNamespace }: MeshView,
  injected: readonly NamespaceInspection[],
): Observation[] {
  const affected = injected.filter(({ mutualTlsFrom }) => mutualTlsFrom !== 'namespace');
  if (mesh.mode === 'STRICT' || affected.length === 0) {
    return [];
  }
  const who = affected.length === 1 ? '1 namespace' : `${String(affected.length)} namespaces`;
  const where = `${who} with sidecars: ${affected.map(({ name }) => name).join(', ')}`;
  return [
    {
      code: 'PlainTextMesh',
      object: {
        kind: 'PeerAuthentication',
        namespace: rootNamespace,
        name: mesh.policy?.metadata.name ?? 'default',
      },
      message: mesh.policy
        ? `${titleOf(mesh.policy)} sets mutual TLS to ${mesh.mode} for the whole mesh, including ${where}`
        : `No PeerAuthentication in the root namespace ${rootNamespace} makes the mesh STRICT, so sidecars also accept plain text in ${where}`,
      remedy: mesh.policy ? strictCommand(mesh.policy) : strictMeshCommand(rootNamespace),
    },
  ];
}

function mergePatch(namespace: string, object: string, change: object): string {
  return shellCommand('kubectl', '-n', namespace, 'patch', object, '--type=merge', '-p', JSON.stringify(change));
}

function strictCommand({ metadata }: PeerAuthentication): string {
  return mergePatch(metadata.namespace ?? '', `peerauthentication/${metadata.name}`, { spec: STRICT });
}

function strictMeshCommand(namespace: string): string {
  const policy = {
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: { name: 'default', namespace },
    spec: STRICT,
  };
  return `${shellCommand('echo', JSON.stringify(policy))} | ${shellCommand('kubectl', 'apply', '-f', '-')}`;
}

function titleOf({ metadata }: PeerAuthentication): string {
  return `PeerAuthentication ${metadata.namespace ?? ''}/${metadata.name}`;
}

function namespaceObject(name: string): Observation['object'] {
  return { kind: 'Namespace', namespace: '', name };
}
