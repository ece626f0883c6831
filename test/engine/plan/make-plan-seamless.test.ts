import { deployment, IMAGE, statefulSet } from '../cluster-builder';
import { injectedNative, nativePod } from '../fake-kubelet';
import { ONE, planOf, SHOP } from '../plan-of-cluster';

const SERVING = { name: 'app', image: 'app', readinessProbe: {}, lifecycle: { preStop: { exec: {} } } };
const seamless = { template: { spec: { containers: [SERVING] } } };
const closed = { 'istio-module/window': 'Sat 00:00-04:00' };
const onlySeamless = true;

describe('a plan of what is seamless', () => {
  test('restarts what is seamless, and defers the rest with its reasons', async () => {
    const objects = [...deployment('cart', seamless), ...statefulSet('db', seamless)];
    const plan = await planOf([SHOP, ...objects], { onlySeamless });
    expect(plan).toMatchObject([
      { name: 'cart', decision: 'restart', reason: 'OutOfDate', message: ONE },
      {
        ...{ name: 'db', decision: 'deferred', reason: 'Interrupts', remedy: '', pods: ['db-0'] },
        message: `${ONE}; deferred, since a restart interrupts its traffic: the only pod stops before the new one starts`,
        interruption: { expected: true, reasons: [{ code: 'SingleReplica' }] },
      },
    ]);
    expect((await planOf([SHOP, ...objects])).map(({ decision }) => decision)).toEqual(['restart', 'restart']);
  });

  test('defers an update in place that interrupts traffic', async () => {
    const [debug] = await planOf([SHOP, nativePod('debug')], {
      ...{ onlySeamless, inPlace: true },
      inject: (pod) => injectedNative(pod, { image: IMAGE }),
    });
    expect(debug).toMatchObject({
      ...{ decision: 'deferred', reason: 'Interrupts' },
      message: expect.stringMatching(/; deferred, since an update in place interrupts its traffic: /) as string,
    });
  });

  test('names no window for workloads that no run within it would restart, and the window of the others', async () => {
    const objects = [
      ...deployment('cart', { ...seamless, annotations: closed }),
      ...statefulSet('db', { ...seamless, annotations: closed }),
    ];
    const reasons = (plan: Awaited<ReturnType<typeof planOf>>) =>
      plan.map(({ reason, deferredUntil }) => [reason, deferredUntil]);
    const saturday = '2026-11-28T00:00:00Z';
    expect(reasons(await planOf([SHOP, ...objects], { onlySeamless }))).toEqual([
      ['OutsideWindow', saturday],
      ['Interrupts', undefined],
    ]);
    expect(reasons(await planOf([SHOP, ...objects]))).toEqual([
      ['OutsideWindow', saturday],
      ['OutsideWindow', saturday],
    ]);
  });
});
