import type { Difference } from '../../../lib/engine/injector/differences';
import {
  planOf,
  type Decisions,
  type IgnoredAnnotation,
  type RestartPlan,
  type WorkloadPlan,
} from '../../../lib/engine/plan/plan';

const IMAGE = 'docker.io/istio/proxyv2';

/** What a new version changes. */
export const NEW_IMAGE: readonly Difference[] = [
  { path: 'istio-init.image', old: `${IMAGE}:1.30.2-distroless`, new: `${IMAGE}:1.31.1-distroless` },
  { path: 'istio-proxy.image', old: `${IMAGE}:1.30.2-distroless`, new: `${IMAGE}:1.31.1-distroless` },
  { path: 'istio-proxy.resources.limits.cpu', old: '2', new: '1' },
];
const MORE = `(istio-init.image ${IMAGE}:1.30.2-distroless → ${IMAGE}:1.31.1-distroless, and 2 more)`;

/** One workload of a plan; up to date by default. */
export function workload(name: string, about: Partial<WorkloadPlan> = {}): WorkloadPlan {
  return {
    ...{ namespace: 'shop', kind: 'Deployment', name, decision: 'current', reason: 'UpToDate' },
    message: 'its sidecars match what the injector adds today',
    ...{ remedy: '', pods: [], differences: [] },
    ...about,
  };
}

export const CART = workload('cart', {
  ...{ decision: 'restart', reason: 'OutOfDate', pods: ['cart-1', 'cart-2'], differences: NEW_IMAGE },
  message: `2 of 3 pods out of date ${MORE}`,
  interruption: { expected: false, reasons: [] },
});
export const DEBUG = workload('debug', {
  ...{ kind: 'Pod', decision: 'warn', reason: 'BarePod', pods: ['debug'], differences: NEW_IMAGE },
  message: `1 of 1 pod out of date ${MORE}; a Pod without a controller is not created again when it is deleted`,
  remedy: 'kubectl -n shop replace --force -f MANIFEST-OF-debug.yaml',
});
export const FULL = workload('ledger', {
  ...{ namespace: 'bank', kind: 'StatefulSet', decision: 'undetermined', reason: 'DryRunDenied', pods: ['ledger-0'] },
  message: 'its sidecar cannot be compared, since a new pod would be refused: exceeded quota: small',
  remedy: 'kubectl describe namespace bank',
});
export const ROLLING = workload('web', {
  ...{ decision: 'wait', reason: 'RollingOut', pods: ['web-1'], differences: NEW_IMAGE.slice(2) },
  message: 'already rolling out to up-to-date pods',
});
export const LATER = workload('night', {
  ...{ decision: 'deferred', reason: 'OutsideWindow', pods: ['night-1'], differences: NEW_IMAGE.slice(2) },
  message:
    '1 of 1 pod out of date (istio-proxy.resources.limits.cpu 2 → 1); its maintenance window (Sat 00:00-04:00) opens at 2026-11-28T00:00:00Z, and a run within the window restarts it',
  deferredUntil: '2026-11-28T00:00:00Z',
  interruption: {
    expected: true,
    reasons: [{ code: 'SingleReplica', message: 'the only pod stops before the new one starts' }],
  },
});
/** Deferred by a plan for seamless restarts only. */
export const LEFT = workload('db', {
  ...{
    kind: 'StatefulSet',
    decision: 'deferred',
    reason: 'Interrupts',
    pods: ['db-0'],
    interruption: LATER.interruption,
  },
  message:
    '1 of 1 pod out of date; deferred, since a restart interrupts its traffic: the only pod stops before the new one starts',
});
export const OWN_IMAGE = workload('own', {
  ...{ decision: 'skip', reason: 'CustomProxyImage' },
  message: 'left alone: the annotation sidecar.istio.io/proxyImage sets a custom image for its sidecar',
});
export const OTHER = workload('other', {
  ...{ namespace: 'bank', decision: 'skip', reason: 'Excluded', selected: false },
  message: 'left alone: namespace bank is not selected',
});
export const IGNORED: IgnoredAnnotation = {
  ...{ namespace: '', kind: 'Namespace', name: 'shop', annotation: 'istio-module/order', value: 'first' },
  message:
    "annotation istio-module/order is 'first', which is invalid and ignored: write a whole number, such as '10' or '-1'",
};

/** A plan for these workloads. */
export function planFor(workloads: readonly WorkloadPlan[], more: Partial<Decisions> = {}): RestartPlan {
  return planOf(
    { workloads, ignoredAnnotations: [], ...more },
    { cluster: 'kind-shop', time: Date.parse('2026-11-24T12:00:00Z') },
  );
}

/** A plan with every decision. */
export const EVERY_DECISION = planFor([FULL, OTHER, CART, workload('api'), LATER, OWN_IMAGE, ROLLING, DEBUG], {
  ignoredAnnotations: [IGNORED],
});
