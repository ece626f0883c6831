import { deployment, IMAGE, meshNamespace, statefulSet } from '../cluster-builder';
import { decisionOn, ONE, planAndRemovals, SHOP } from '../plan-of-cluster';

const WINDOW = 'istio-module/window';
// A Tuesday.
const now = new Date('2026-11-24T12:00:00Z');

describe('a maintenance window', () => {
  test('defers a restart, and says until when', async () => {
    const annotations = { [WINDOW]: 'Sat-Sun 00:00-04:00' };
    const { plan } = await planAndRemovals([SHOP, ...deployment('cart', { annotations })], { now });
    expect(plan).toMatchObject([
      {
        decision: 'deferred',
        reason: 'OutsideWindow',
        message: `${ONE}; its maintenance window (Sat-Sun 00:00-04:00) opens at 2026-11-28T00:00:00Z, and a run within the window restarts it`,
        deferredUntil: '2026-11-28T00:00:00Z',
        pods: ['cart-1-0'],
      },
    ]);
  });

  test('that is open lets the restart happen', async () => {
    const annotations = { [WINDOW]: 'Tue 11:00-13:00' };
    expect(await decisionOn([SHOP, ...deployment('cart', { annotations })], { now })).toMatchObject({
      decision: 'restart',
      message: ONE,
    });
  });

  test('of the namespace is for its workloads, unless they have their own', async () => {
    const closed = meshNamespace('shop', { [WINDOW]: 'Sat 00:00-04:00' });
    const own = deployment('own', { annotations: { [WINDOW]: 'Tue 11:00-13:00' } });
    const { plan } = await planAndRemovals([closed, ...deployment('cart'), ...own], { now });
    expect(plan.map(({ name, decision }) => [name, decision])).toEqual([
      ['cart', 'deferred'],
      ['own', 'restart'],
    ]);
  });

  test('defers neither workloads that are up to date nor those that need manual steps', async () => {
    const annotations = { [WINDOW]: 'Sat 00:00-04:00' };
    const objects = [
      ...deployment('fresh', { annotations, proxies: [IMAGE] }),
      ...statefulSet('db', { annotations, spec: { updateStrategy: { type: 'OnDelete' } } }),
    ];
    const { plan } = await planAndRemovals([SHOP, ...objects], { now });
    expect(plan.map(({ name, decision }) => [name, decision])).toEqual([
      ['fresh', 'current'],
      ['db', 'warn'],
    ]);
  });
});

describe('an invalid annotation', () => {
  test.each([
    [WINDOW, 'at night', "write days and times in UTC, such as 'Sat-Sun 00:00-04:00'"],
    ['istio-module/restart', 'disable', "write 'disabled', or remove the annotation"],
    ['istio-module/order', 'first', "write a whole number, such as '10' or '-1'"],
  ])('%s: %s is ignored, and reported', async (annotation, value, remedy) => {
    const objects = deployment('cart', { annotations: { [annotation]: value } });
    const { plan, ignoredAnnotations } = await planAndRemovals([SHOP, ...objects], { now });
    expect(plan).toMatchObject([{ decision: 'restart' }]);
    expect(ignoredAnnotations).toEqual([
      {
        namespace: 'shop',
        kind: 'Deployment',
        name: 'cart',
        annotation,
        value,
        message: `annotation ${annotation} is '${value}', which is invalid and ignored: ${remedy}`,
      },
    ]);
  });

  test('on a namespace is reported once, and only if something of it is planned', async () => {
    const annotations = { 'istio-module/restart': 'off' };
    const objects = [meshNamespace('shop', annotations), meshNamespace('empty', annotations)];
    const { plan, ignoredAnnotations } = await planAndRemovals([...objects, ...deployment('a'), ...deployment('b')]);
    expect(plan).toHaveLength(2);
    expect(ignoredAnnotations).toMatchObject([{ kind: 'Namespace', namespace: '', name: 'shop', value: 'off' }]);
  });
});
