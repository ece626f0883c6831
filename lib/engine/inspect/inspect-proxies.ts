import { groupBy } from '../../group-by';
import { needsInjector } from '../injector/sidecar';
import { hasOverlay } from '../plan/template-sidecar';
import { keyOf, type Workload } from '../snapshot/snapshot';
import type { Observation } from './finding';
import { compareVersions, imageVersion, minorVersion } from './image-version';
import type { ControlPlaneInspection, ProxyGroup, ProxySkew, UpgradeStep } from './inspection';
import { restartCommand } from './restart-command';

interface Proxy {
  readonly revision: string;
  readonly version: string;
  readonly hasCustomImage: boolean;
  readonly workload: Workload;
}

/** The running proxies, grouped by revision and version. */
export function inspectProxies(
  workloads: readonly Workload[],
  controlPlanes: readonly ControlPlaneInspection[],
): readonly ProxyGroup[] {
  const proxies = workloads.flatMap((workload) => proxiesOf(workload, controlPlanes));
  const groups = groupBy(proxies, ({ revision, version }) => `${revision} ${version}`);
  return [...groups.values()]
    .flatMap((members) => groupOf(members, controlPlanes))
    .sort((a, b) =>
      a.revision === b.revision ? compareVersions(a.version, b.version) : a.revision < b.revision ? -1 : 1,
    );
}

function proxiesOf(workload: Workload, controlPlanes: readonly ControlPlaneInspection[]): Proxy[] {
  const [only] = controlPlanes.length === 1 ? controlPlanes : [];
  return workload.pods.flatMap(({ sidecar, hasCustomImage }) => {
    if (!sidecar) {
      return [];
    }
    const image = sidecar.containers['istio-proxy']?.fields.image;
    const version = typeof image === 'string' ? (imageVersion(image) ?? '') : '';
    return [{ revision: sidecar.revision || (only?.revision ?? ''), version, hasCustomImage, workload }];
  });
}

function groupOf(members: readonly Proxy[], controlPlanes: readonly ControlPlaneInspection[]): ProxyGroup[] {
  const [first] = members;
  if (!first) {
    return [];
  }
  const { revision, version } = first;
  const counts = new Map<Workload, number>();
  for (const { workload } of members) {
    counts.set(workload, (counts.get(workload) ?? 0) + 1);
  }
  return [
    {
      revision,
      version,
      skew: skewOf(version, newestVersion(controlPlanes, revision)),
      pods: members.length,
      customImages: members.filter(({ hasCustomImage }) => hasCustomImage).length,
      workloads: [...counts].map(([{ kind, namespace, name }, pods]) => ({ kind, namespace, name, pods })),
    },
  ];
}

function newestVersion(controlPlanes: readonly ControlPlaneInspection[], revision: string): string {
  return (
    controlPlanes
      .filter((one) => one.revision === revision)
      .flatMap(({ versions }) => versions)
      .sort(compareVersions)
      .at(-1) ?? ''
  );
}

function skewOf(proxy: string, controlPlane: string): ProxySkew {
  const [old, wanted] = [minorVersion(proxy), minorVersion(controlPlane)];
  // Custom builds of proxies may use other version numbers.
  if (proxy === '' || controlPlane === '' || old.major !== wanted.major) {
    return 'unknown';
  }
  const behind = wanted.minor - old.minor;
  if (behind < 0) {
    return 'ahead';
  }
  return behind === 0 ? 'none' : behind === 1 ? 'behind' : 'tooOld';
}

/** Problems of the proxies that affect an upgrade, one observation for each workload. */
export function proxyObservations(
  groups: readonly ProxyGroup[],
  controlPlanes: readonly ControlPlaneInspection[],
  steps: readonly UpgradeStep[],
  workloads: readonly Workload[],
): readonly Observation[] {
  const byKey = new Map(workloads.map((workload) => [keyOf(workload), workload]));
  return groups.flatMap((group) => {
    const problem = problemOf(group, controlPlanes, steps);
    return problem
      ? group.workloads.map(({ kind, namespace, name, pods }): Observation => {
          const workload = byKey.get(keyOf({ kind, namespace, name }));
          const some = `${String(pods)} ${pods === 1 ? 'proxy' : 'proxies'} of ${kind} ${namespace}/${name}`;
          const pinned = workload && pinnedImageRemedy(workload);
          return {
            code: problem.code,
            object: { kind, namespace, name },
            message: problem.message(some, pods === 1),
            remedy: pinned ?? (problem.isSettledByRestart && workload ? restartCommand(workload) : ''),
          };
        })
      : [];
  });
}

/** How to change an image that a restart would bring back; undefined if the injector sets the image. */
function pinnedImageRemedy(workload: Workload): string | undefined {
  if (workload.pods.some(({ hasCustomImage }) => hasCustomImage)) {
    return 'change or remove its annotation sidecar.istio.io/proxyImage, and restart it';
  }
  return hasOverlay(workload) && !needsInjector(workload.template)
    ? 'set the image of istio-proxy in its pod template to auto, or to a supported version'
    : undefined;
}

interface Problem {
  readonly code: Observation['code'];
  readonly message: (some: string, isOne: boolean) => string;
  readonly isSettledByRestart: boolean;
}

function problemOf(
  { revision, version, skew }: ProxyGroup,
  controlPlanes: readonly ControlPlaneInspection[],
  steps: readonly UpgradeStep[],
): Problem | undefined {
  const controlPlane = newestVersion(controlPlanes, revision);
  if (controlPlanes.length > 0 && !controlPlanes.some((one) => one.revision === revision)) {
    return {
      code: 'OrphanedProxy',
      message: (some, isOne) =>
        `${some} ${isOne ? 'belongs' : 'belong'} to revision ${revision === '' ? '"" (none is recorded)' : revision}, which has no control plane`,
      isSettledByRestart: true,
    };
  }
  if (version === '') {
    return {
      code: 'UnknownProxyVersion',
      message: (some, isOne) =>
        `The image tag of ${some} contains no Istio version, so it is unknown whether the control plane supports ${isOne ? 'it' : 'them'}`,
      isSettledByRestart: false,
    };
  }
  if (skew === 'tooOld') {
    return {
      code: 'ProxyTooOld',
      message: (some, isOne) =>
        `${some} ${isOne ? 'has' : 'have'} version ${version}, more than one minor version behind the control plane's ${controlPlane}, which is not supported`,
      isSettledByRestart: true,
    };
  }
  if (skew === 'ahead') {
    return {
      code: 'ProxyAhead',
      message: (some, isOne) =>
        `${some} ${isOne ? 'has' : 'have'} version ${version}, ahead of the control plane's ${controlPlane}, which is not supported`,
      isSettledByRestart: true,
    };
  }
  const step = steps.find((one) => one.revision === revision && one.from === controlPlane && one.allowed);
  return step && skewOf(version, step.to) === 'tooOld'
    ? {
        code: 'ProxyTooOldForTarget',
        message: (some, isOne) =>
          `${some} ${isOne ? 'has' : 'have'} version ${version}, which would be more than one minor version behind ${step.to}`,
        isSettledByRestart: true,
      }
    : undefined;
}
