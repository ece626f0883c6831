import type { Decision, Reason } from '../../lib/engine/plan/plan';
import { SELECTORS, WINDOWS, type ClusterSketch, type NamespaceSketch, type Owner, type Proxy } from './random-cluster';
import type { PodSketch, WorkloadSketch } from './random-cluster';

/** The documented decision about one workload. */
export interface Expected {
  readonly decision: Decision;
  /** If several rows with the same decision apply, each of their reasons is correct. */
  readonly reasons: readonly Reason[];
  /** The positions of the pods that the entry has to name. */
  readonly pods: readonly number[];
  readonly deferredUntil?: string;
  readonly selected?: false;
}

const ALWAYS_WARNED: Partial<Record<Owner, Reason>> = {
  Job: 'JobOwned',
  'Job of a CronJob': 'JobOwned',
  ReplicaSet: 'BareReplicaSet',
  ReplicationController: 'ReplicationController',
  Pod: 'BarePod',
  'static Pod': 'StaticPod',
  'ReplicaSet of a CloneSet': 'UnknownController',
  StrimziPodSet: 'UnknownController',
  'StatefulSet of Kruise': 'UnknownController',
};

/** Whether a new pod of the workload gets a sidecar according to Istio's rules, provided that its injector exists. */
export function asksForInjection({ inject }: WorkloadSketch, { injection }: NamespaceSketch): boolean {
  return inject !== 'false' && (injection === 'enabled' || (injection === undefined && inject === 'true'));
}

/** The sidecar that a pod has according to the sketch. */
export function carried(pod: PodSketch, { given }: NamespaceSketch): Proxy | undefined {
  return pod.carries === 'current' ? given : pod.carries === 'none' ? undefined : pod.carries;
}

/** Whether the chosen namespaces and the selector select the workload. */
export function isSelected({ namespace, tier }: WorkloadSketch, { chosen, selector }: ClusterSketch): boolean {
  return chosen?.includes(namespace) !== false && (SELECTORS[selector ?? ''] ?? []).includes(tier);
}

/** The decision that docs/reasons.md gives for a sketch; undefined for a workload that a plan does not list. */
export function expectedOf(workload: WorkloadSketch, cluster: ClusterSketch): Expected | undefined {
  const namespace = cluster.namespaces.find(({ name }) => name === workload.namespace) as NamespaceSketch;
  const running = workload.pods.flatMap((pod, position) =>
    pod.life === 'runs' ? [{ pod, position, has: carried(pod, namespace) }] : [],
  );
  if (running.length === 0) return undefined;

  const asks = asksForInjection(workload, namespace);
  const given = asks && cluster.injector === 'runs' ? namespace.given : undefined;
  const hasSidecar = running.some(({ has }) => has !== undefined);
  const isMeant = isSelected(workload, cluster);
  const isOutside = namespace.annotations.restart === 'disabled' || !isMeant;
  const isDisabled = workload.annotations.restart === 'disabled';
  // Pods with a custom image are left alone, and the others are judged without them.
  const judged = running.filter(({ pod }) => !workload.hasCustomImage && !pod.hasCustomImage);
  const isCustom = judged.length < running.length;
  const skipped: Reason[] = [
    ...(isOutside || isDisabled ? (['Excluded'] as const) : []),
    ...(isCustom ? (['CustomProxyImage'] as const) : []),
  ];
  if (isOutside) {
    const excluded = { decision: 'skip', reasons: ['Excluded'], pods: [] } as const;
    return hasSidecar ? { ...excluded, ...(isMeant ? {} : { selected: false }) } : undefined;
  }
  if (workload.admission === 'namespace terminating') return undefined;

  const isRefused = workload.admission === 'quota exceeded';
  const gets = isRefused ? asks : given !== undefined;
  if (cluster.purpose === 'remove' && (!hasSidecar || (!isRefused && gets))) return undefined;
  if (!hasSidecar && !gets) return undefined;
  if (isDisabled || judged.length === 0) return { decision: 'skip', reasons: skipped, pods: [] };
  if (isRefused) {
    return { decision: 'undetermined', reasons: ['DryRunDenied'], pods: judged.map(({ position }) => position) };
  }

  const outdated = judged.filter(({ has }) => JSON.stringify(has) !== JSON.stringify(given));
  const pods = outdated.map(({ position }) => position);
  if (outdated.length === 0) {
    return isCustom
      ? { decision: 'skip', reasons: skipped, pods: [] }
      : { decision: 'current', reasons: ['UpToDate'], pods };
  }

  const always = ALWAYS_WARNED[workload.owner];
  const warned: Reason[] = always
    ? [always]
    : [
        ...(workload.isGateway && !given ? (['NeedsInjector'] as const) : []),
        ...(workload.isOnDelete ? (['OnDelete'] as const) : []),
        ...(pods.every((position) => position < workload.partition) ? (['Partitioned'] as const) : []),
        ...(workload.isPaused ? (['Paused'] as const) : []),
        ...(workload.rollout === 'updating' && outdated.every(({ pod }) => !pod.isNew) ? (['Updating'] as const) : []),
      ];
  if (warned.length > 0) return { decision: 'warn', reasons: warned, pods };

  const isRolling =
    ['under way', 'unseen', 'failed'].includes(workload.rollout) &&
    !workload.isScaledToZero &&
    (workload.rollout === 'unseen' || outdated.every(({ pod }) => !pod.isNew));
  if (isRolling) return { decision: 'wait', reasons: ['RollingOut'], pods };

  if (asks && !given && cluster.purpose === 'update') {
    return { decision: 'undetermined', reasons: ['NoInjector'], pods };
  }

  const own = WINDOWS[workload.annotations.window ?? ''];
  const opens = own ?? WINDOWS[namespace.annotations.window ?? ''];
  return opens === undefined || opens === '2026-11-24T12:00:00Z'
    ? { decision: 'restart', reasons: ['OutOfDate'], pods }
    : { decision: 'deferred', reasons: ['OutsideWindow'], pods, deferredUntil: opens };
}
