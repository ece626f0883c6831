import { removalLines } from '../../../lib/engine/report/removal-lines';
import type { WorkloadPlan } from '../../../lib/engine/plan/plan';
import type { RestartReport } from '../../../lib/engine/run/restart-report';

const PLACE = { stack: 'shop/dev', cluster: 'https://127.0.0.1:6443 (context east)' };
const entry = (kind: string, name: string, message: string, remedy = ''): WorkloadPlan => ({
  ...{ namespace: 'shop', kind, name, message, remedy },
  ...{ decision: 'warn', reason: 'BareReplicaSet', pods: [], differences: [] },
});
const linesOf = (part: Partial<RestartReport>, place: Parameters<typeof removalLines>[1] = PLACE) =>
  removalLines(
    { warnings: [], deferred: [], skipped: [], undetermined: [], ...part } as unknown as RestartReport,
    place,
  );
const LEFT = (workload: string) =>
  `warning: ${workload} in cluster https://127.0.0.1:6443 (context east) keeps its Istio sidecar after the uninstall of stack shop/dev`;
const AFTER = 'Without istiod, the sidecar keeps its last configuration and cannot reach pods that are created later.';

describe('a warning of an uninstall names stack, cluster and workload, what happened and what to do:', () => {
  test('what cannot be restarted, with its command', () => {
    const warnings = [entry('ReplicaSet', 'legacy-rs', '1 of 1 pod carries a sidecar', 'kubectl delete pod a')];
    expect(linesOf({ warnings })).toEqual([
      `${LEFT('ReplicaSet shop/legacy-rs')}: 1 of 1 pod carries a sidecar. ${AFTER} To remove it, run: kubectl delete pod a`,
    ]);
  });

  test.each(['deferred', 'skipped', 'undetermined'] as const)('what is %s, with a restart', (part) => {
    expect(linesOf({ [part]: [entry('Deployment', 'cart', 'left alone')] })).toEqual([
      `${LEFT('Deployment shop/cart')}: left alone. ${AFTER} To remove it, run: kubectl -n shop rollout restart deployment/cart`,
    ]);
  });

  test('what no command restarts, in words', () => {
    expect(linesOf({ skipped: [entry('Job', 'migrate', 'left alone')] })).toEqual([
      `${LEFT('Job shop/migrate')}: left alone. ${AFTER} To remove it, restart the workload.`,
    ]);
  });

  test('without a stack, of a resource that an older version has applied', () => {
    const [line] = linesOf({ skipped: [entry('Job', 'migrate', 'left alone')] }, { cluster: 'https://a (context b)' });
    expect(line).toContain('keeps its Istio sidecar after the uninstall: left alone.');
  });
});
