import { askForPod } from '../injector/ask-for-pod';
import {
  readInjectors,
  readIstiods,
  readNamespaces,
  type Injector,
  type Istiod,
  type ProbePlace,
} from '../istio/control-planes';
import { disagreements, type Disagreement } from '../injector/injector-agreement';
import { injectorConfiguration } from '../istio/injector-configuration';
import { forbidden } from '../cluster/forbidden';
import type { KubernetesApi } from '../cluster/api';
import { ApiFailure } from '../cluster/api-failure';
import type { Namespace, ObjectMeta } from '../cluster/objects';
import { deployment as deploymentOwner } from '../kinds/deployment';
import { RestartError, type RestartErrorCode } from '../restart-error';

/** How long, and how thoroughly, the engine makes sure that the injector knows the configuration it is asked about. */
export interface InjectorWait {
  /**
   * Seconds after which a control plane that is not ready, or an injector that is behind, is an error.
   *
   * @default 300
   */
  readonly deadlineSeconds?: number;
  /**
   * Seconds that must have passed since the injector's ConfigMaps last changed.
   *
   * @default 5
   */
  readonly settleSeconds?: number;
  /**
   * How many probes in a row must agree with the ConfigMaps.
   *
   * @default 3
   */
  readonly probes?: number;
}

/** What is still missing; `code` is the error it becomes at the deadline. */
interface Obstacle {
  readonly code: RestartErrorCode;
  readonly message: string;
  /** @default - that of the code */
  readonly remedy?: string;
}

const INTERVAL_MILLISECONDS = 500;

/**
 * Returns once
 *  1. every istiod Deployment has finished its own rollout,
 *  2. istiod has filled in its webhooks' certificate authority,
 *  3. the ConfigMaps of the injector have been unchanged for some seconds, by the API server's clock,
 *  4. several probes in a row, pods created as a dry run, agree with these ConfigMaps on image, resources and proxy configuration.
 *
 * @throws RestartError `InjectorMissing` at once; `ControlPlaneNotReady`, `InjectorUnreachable`, `InjectorOutOfDate` at the deadline
 */
export async function awaitInjector(
  api: KubernetesApi,
  wait: InjectorWait = {},
  onWaiting: (message: string) => void = () => undefined,
): Promise<void> {
  const { deadlineSeconds = 300, settleSeconds = 5, probes = 3 } = wait;
  const deadline = Date.now() + deadlineSeconds * 1000;
  let agreed = 0;
  let told = '';
  let namespaces: readonly Namespace[] | undefined;
  // Probes in a row are sent to the same namespaces.
  const namespacesOf = async () => (namespaces ??= await readNamespaces(api));
  for (;;) {
    const obstacle = await findObstacle(api, settleSeconds, namespacesOf);
    agreed = obstacle ? 0 : agreed + 1;
    namespaces = obstacle ? undefined : namespaces;
    if (agreed >= probes) {
      return;
    }
    if (obstacle && obstacle.message !== told) {
      told = obstacle.message;
      onWaiting(obstacle.message);
    }
    if (Date.now() >= deadline) {
      const { code, message, remedy }: Obstacle = obstacle ?? {
        code: 'InjectorOutOfDate',
        message: `only ${String(agreed)} of ${String(probes)} probes in a row agreed with the injector's configuration`,
        remedy: BE_PATIENT,
      };
      throw new RestartError(code, `Nothing was restarted, since after ${String(deadlineSeconds)} s ${message}`, {
        remedy: remedy ?? REMEDIES[code] ?? 'run again',
      });
    }
    await api.pause(INTERVAL_MILLISECONDS);
  }
}

const BE_PATIENT = 'run again, with a later deadline if this lasts';
const REMEDIES: Partial<Record<RestartErrorCode, string>> = {
  InjectorUnreachable: 'check that istiod runs and that the API server can reach it, and run again',
  InjectorOutOfDate:
    "see istiod's log for the configuration that it refused (an unquoted number where it wants text, a field that its version does not know), correct it and run again",
};

async function findObstacle(
  api: KubernetesApi,
  settleSeconds: number,
  namespacesOf: () => Promise<readonly Namespace[]>,
): Promise<Obstacle | undefined> {
  try {
    const [injectors, istiods] = await Promise.all([readInjectors(api, namespacesOf), readIstiods(api)]);
    if (injectors.length === 0) {
      throw new RestartError(
        'InjectorMissing',
        'Nothing was restarted: the cluster has no injection webhook of Istio (no MutatingWebhookConfiguration with a webhook named *.sidecar-injector.istio.io), so every restart would remove a sidecar. Install Istio again, or uninstall it with this package.',
      );
    }
    return (
      firstOf(istiods, rolloutObstacle) ??
      firstOf(injectors, certificateObstacle) ??
      firstOf(istiods, (istiod) => settlingObstacle(istiod, api.serverTime, settleSeconds)) ??
      (await probeObstacle(api, injectors, istiods))
    );
  } catch (error) {
    if (error instanceof RestartError && error.code === 'InjectorUnreachable') {
      return { code: error.code, message: error.problem };
    }
    throw error instanceof ApiFailure && error.deniedByRbac ? forbidden(error) : error;
  }
}

function firstOf<T>(items: readonly T[], find: (item: T) => Obstacle | undefined): Obstacle | undefined {
  for (const item of items) {
    const obstacle = find(item);
    if (obstacle) {
      return obstacle;
    }
  }
  return undefined;
}

function rolloutObstacle({ deployment }: Istiod): Obstacle | undefined {
  const status = deploymentOwner.status(deployment);
  const { namespace = '', name } = deployment.metadata;
  return status.state === 'complete'
    ? undefined
    : {
        code: 'ControlPlaneNotReady',
        message: `Deployment ${namespace}/${name} has not finished its rollout (${status.message})`,
        remedy: `see why with kubectl -n ${namespace} describe deployment/${name}, and run again when it is available`,
      };
}

function certificateObstacle({ hasCaBundle, places, webhookConfiguration }: Injector): Obstacle | undefined {
  // One that selects no namespace, as a revision that was put out of use, is never called.
  return hasCaBundle || places.length === 0
    ? undefined
    : {
        code: 'InjectorUnreachable',
        message: `istiod has not filled in the caBundle of MutatingWebhookConfiguration ${webhookConfiguration}`,
      };
}

function settlingObstacle(istiod: Istiod, now: number, settleSeconds: number): Obstacle | undefined {
  const changes = [istiod.injectorConfigMap, istiod.meshConfigMap].flatMap((configMap) =>
    configMap ? [lastChange(configMap.metadata)] : [],
  );
  const { namespace = '' } = istiod.deployment.metadata;
  return now - Math.max(0, ...changes) < settleSeconds * 1000
    ? {
        code: 'InjectorOutOfDate',
        message: `the injector's ConfigMaps in namespace ${namespace} changed less than ${String(settleSeconds)} s ago`,
        remedy: BE_PATIENT,
      }
    : undefined;
}

function lastChange(metadata: ObjectMeta): number {
  const times = [metadata.creationTimestamp, ...(metadata.managedFields ?? []).map(({ time }) => time)];
  return Math.max(...times.map((time) => Date.parse(time ?? '') || 0));
}

async function probeObstacle(
  api: KubernetesApi,
  injectors: readonly Injector[],
  istiods: readonly Istiod[],
): Promise<Obstacle | undefined> {
  for (const { revision, places } of injectors) {
    const obstacle = await revisionObstacle(
      api,
      revision,
      places,
      istiods.find((one) => one.revision === revision),
    );
    if (obstacle) {
      return obstacle;
    }
  }
  return undefined;
}

/** Where a quota or another policy refuses the probe, the next namespace is as good. */
async function revisionObstacle(
  api: KubernetesApi,
  revision: string,
  places: readonly ProbePlace[],
  istiod: Istiod | undefined,
): Promise<Obstacle | undefined> {
  let refused: Obstacle | undefined;
  for (const { namespace, labels } of places) {
    const [answer, overridden] = await Promise.all([
      askForPod(api, namespace, probePod(labels)),
      istiod ? overriddenFields(api, istiod, namespace) : new Set<string>(),
    ]);
    if (answer && 'denied' in answer) {
      refused ??= {
        code: 'InjectorOutOfDate',
        message: `a pod to probe the injector of revision ${revision} with is refused in namespace ${namespace}: ${answer.denied}`,
      };
    } else if (answer && !answer.sidecar) {
      return {
        code: 'InjectorUnreachable',
        message: `a pod created in namespace ${namespace} to probe revision ${revision} got no sidecar, though its webhook selects it`,
      };
    } else if (answer?.sidecar) {
      const found = istiod && disagreements(configurationOf(istiod), answer.sidecar, overridden, answer.isCompleted);
      return found?.[0] && disagreementObstacle(revision, found[0], found.length - 1);
    }
  }
  return refused;
}

function disagreementObstacle(revision: string, first: Disagreement, others: number): Obstacle {
  const { what, configured, injected } = first;
  const more = others > 0 ? `, and ${String(others)} more` : '';
  return {
    code: 'InjectorOutOfDate',
    message: `the injector of revision ${revision} has not taken over its configuration: ${what} is ${configured} in the ConfigMaps and ${injected} in an injected pod${more}`,
  };
}

function configurationOf(istiod: Istiod) {
  return injectorConfiguration(istiod.injectorConfigMap, istiod.meshConfigMap);
}

function probePod(labels: Readonly<Record<string, string>>): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: 'istio-module-probe-', labels },
    spec: {
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'probe',
          image: 'istio-module/probe',
          resources: { requests: { cpu: '1m', memory: '1Mi' }, limits: { cpu: '1m', memory: '1Mi' } },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  };
}

interface ProxyConfigResource {
  readonly metadata: ObjectMeta;
  readonly spec?: {
    readonly selector?: object;
    readonly concurrency?: number;
    readonly environmentVariables?: object;
    readonly image?: object;
  };
}

/** The fields that ProxyConfig resources of the mesh or of the probe's namespace decide instead of the ConfigMap. */
async function overriddenFields(api: KubernetesApi, istiod: Istiod, namespace: string): Promise<ReadonlySet<string>> {
  const places = [istiod.deployment.metadata.namespace, namespace];
  const list = await api.find<{ items: ProxyConfigResource[] }>('/apis/networking.istio.io/v1beta1/proxyconfigs');
  return new Set(
    (list?.items ?? [])
      .filter(({ metadata, spec }) => places.includes(metadata.namespace) && !spec?.selector)
      .flatMap(({ spec }) => [
        ...(spec?.concurrency === undefined ? [] : ['concurrency']),
        ...(spec?.environmentVariables ? ['proxyMetadata'] : []),
        ...(spec?.image ? ['image'] : []),
      ]),
  );
}
