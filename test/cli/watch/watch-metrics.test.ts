import type { RestartPlan, RunWorkload, WorkloadPlan } from 'istio-module/engine';
import { RestartError } from 'istio-module/engine';
import { WatchMetrics } from '../../../lib/cli/watch/watch-metrics';

describe('the metrics of a watch', () => {
  let now: number;
  let metrics: WatchMetrics;

  beforeEach(() => {
    now = 1_000_000;
    metrics = new WatchMetrics(true, () => now);
  });

  const workload = (name: string, decision: string, more: object = {}) =>
    ({ namespace: 'shop', kind: 'Deployment', name, decision, reason: 'x', ...more }) as unknown as WorkloadPlan;
  const planned = (...workloads: readonly WorkloadPlan[]) => {
    metrics.onEvent({ type: 'planned', plan: { workloads } as unknown as RestartPlan });
  };
  const samples = async () => (await metrics.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));

  test('count workloads by decision and kind, without their names', async () => {
    planned(workload('cart', 'restart'), workload('web', 'current'), workload('pay', 'current'));
    planned(
      workload('cart', 'current'),
      workload('db', 'deferred', { kind: 'StatefulSet', reason: 'OutsideWindow' }),
      workload('odd', 'undetermined', { kind: 'Tenant\n{}"s kind' }),
    );
    const text = await metrics.text();
    expect((await samples()).filter((line) => line.startsWith('istio_module_workloads'))).toEqual([
      'istio_module_workloads{decision="current",kind="Deployment"} 1',
      'istio_module_workloads{decision="deferred",kind="StatefulSet"} 1',
      'istio_module_workloads{decision="undetermined",kind="other"} 1',
      'istio_module_workloads_deferred{reason="OutsideWindow"} 1',
    ]);
    expect(text).not.toMatch(/cart|shop|Tenant/);
  });

  test('say for how long something has been outdated', async () => {
    planned(workload('cart', 'deferred'));
    now += 60_000;
    planned(workload('cart', 'deferred'), workload('web', 'warn'));
    now += 30_000;
    expect(await samples()).toContain('istio_module_outdated_seconds 90');
    planned(workload('cart', 'current'), workload('web', 'warn'));
    expect(await samples()).toContain('istio_module_outdated_seconds 30');
    planned(workload('cart', 'current'));
    expect(await samples()).toContain('istio_module_outdated_seconds 0');
  });

  test('count rollouts and runs by outcome, and measure them', async () => {
    const reference = { apiVersion: 'apps/v1', kind: 'Deployment', uid: '1' };
    const cart: RunWorkload = { namespace: 'shop', kind: 'Deployment', name: 'cart', reference };
    metrics.onEvent({ type: 'reading' });
    now += 2_000;
    planned(workload('cart', 'restart'));
    metrics.onEvent({ type: 'rolloutBegan', workload: cart, action: 'restart' });
    expect(await samples()).toContain('istio_module_rollouts_in_progress 1');
    now += 20_000;
    metrics.onEvent({ type: 'rolloutEnded', workload: cart, outcome: 'restarted', message: '' });
    metrics.onEvent({ type: 'runFailed', error: new RestartError('InjectorUnreachable', 'no answer') });
    expect(await samples()).toEqual(
      expect.arrayContaining([
        'istio_module_rollouts_total{action="restart",kind="Deployment",outcome="restarted"} 1',
        'istio_module_rollout_duration_seconds_sum 20',
        'istio_module_plan_duration_seconds_sum 2',
        'istio_module_runs_total{outcome="failed"} 1',
        'istio_module_run_errors_total{code="InjectorUnreachable"} 1',
      ]),
    );
  });

  test('have series for failures before the first one, so that its increase is visible', async () => {
    expect(await samples()).toEqual(
      expect.arrayContaining([
        'istio_module_runs_total{outcome="failed"} 0',
        'istio_module_rollouts_total{action="restart",kind="StatefulSet",outcome="failed"} 0',
      ]),
    );
  });

  test('drop rollouts under way when the Lease is lost', async () => {
    const reference = { apiVersion: 'apps/v1', kind: 'Deployment', uid: '1' };
    const cart: RunWorkload = { namespace: 'shop', kind: 'Deployment', name: 'cart', reference };
    metrics.onEvent({ type: 'reading' });
    metrics.onEvent({ type: 'rolloutBegan', workload: cart, action: 'restart' });
    metrics.onEvent({ type: 'lost' });
    now += 3_600_000;
    metrics.onEvent({ type: 'leading' });
    planned();
    expect(await samples()).toEqual(
      expect.arrayContaining(['istio_module_rollouts_in_progress 0', 'istio_module_plan_duration_seconds_count 0']),
    );
  });

  test('say whether the injector is ready, and whether this process leads', async () => {
    expect(await samples()).toContain('istio_module_leader 1');
    planned(workload('cart', 'deferred'));
    metrics.onEvent({ type: 'standingBy', holder: 'other' });
    // Only the leader counts workloads.
    expect((await samples()).filter((line) => line.startsWith('istio_module_workloads'))).toEqual([]);
    metrics.onEvent({ type: 'waiting', code: 'InjectorOutOfDate', message: 'not yet' });
    expect(await samples()).toEqual(expect.arrayContaining(['istio_module_leader 0', 'istio_module_injector_ready 0']));
    metrics.onEvent({ type: 'leading' });
    planned();
    expect(await samples()).toEqual(expect.arrayContaining(['istio_module_leader 1', 'istio_module_injector_ready 1']));
  });

  test('follow the conventions: base units, a help text each, and _total for counters alone', async () => {
    const text = await metrics.text();
    const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => ({ name, type }));
    expect(types.length).toBeGreaterThan(10);
    for (const { name, type } of types) {
      expect(name).toMatch(/^istio_module_[a-z_]+$/);
      expect(name).not.toMatch(/_(milliseconds|minutes|count|sum|bucket)$/);
      expect([name, type === 'counter']).toEqual([name, name.endsWith('_total')]);
      expect(text).toMatch(new RegExp(`^# HELP ${name} \\S.*\\.$`, 'm'));
    }
  });
});
