import { planTransitions } from '../../../../lib/engine/plan/mutual-tls/plan-transitions';
import { transitionPolicy } from '../../../../lib/engine/istio/mutual-tls/transition-policy';
import type { PeerAuthentication } from '../../../../lib/engine/istio/mutual-tls/peer-authentications';
import type { Decision, WorkloadPlan } from '../../../../lib/engine/plan/plan';
import { policy } from '../../inspect/inspection-of';

const ROOT = 'istio-system';
const STRICT_MESH = policy(ROOT, 'STRICT');
const ENTERS = [{ path: 'sidecar', old: '(none)', new: 'proxyv2:1.31.1' }];
const LEAVES = [{ path: 'sidecar', old: 'proxyv2:1.31.1', new: '(none)' }];
const OUTDATED = [{ path: 'istio-proxy.image', old: 'proxyv2:1.30.2', new: 'proxyv2:1.31.1' }];
const OPEN = { ...transitionPolicy('shop'), metadata: { ...transitionPolicy('shop').metadata, uid: 'u' } };

const workload = (
  name: string,
  decision: Decision,
  differences: WorkloadPlan['differences'],
  rest: Partial<WorkloadPlan> = {},
): WorkloadPlan => ({
  ...{ namespace: 'shop', kind: 'Deployment', name, decision, reason: 'OutOfDate', message: '', remedy: '', pods: [] },
  differences,
  ...rest,
});

interface Known {
  readonly strictFollows?: boolean;
  readonly why?: string;
  readonly keeps?: boolean;
}

const planFor = (
  workloads: readonly WorkloadPlan[],
  policies: readonly PeerAuthentication[],
  { strictFollows = false, why, keeps = false }: Known = {},
) =>
  planTransitions({
    ...{ plan: { workloads, ignoredAnnotations: [] }, policies, rootNamespace: ROOT, strictFollows },
    whyUnjudged: () => why,
    keepsSidecar: () => keeps,
  });

const PERMISSIVE = (names: string) => ({
  namespace: 'shop',
  state: 'permissive',
  message: `namespace shop accepts plain text in addition to mutual TLS while its workloads enter or leave the mesh: ${names}`,
});

describe('the transition of a namespace', () => {
  test.each([
    ['enter a STRICT mesh', ENTERS],
    ['leave it', LEAVES],
  ])('begins when workloads %s', (_, differences) => {
    const { begin, end, transitions } = planFor([workload('cart', 'restart', differences)], [STRICT_MESH]);
    expect({ begin, end, transitions }).toEqual({
      begin: ['shop'],
      end: [],
      transitions: [PERMISSIVE('Deployment shop/cart')],
    });
  });

  test.each<[string, readonly WorkloadPlan[], readonly PeerAuthentication[]]>([
    ['whose sidecars are merely outdated', [workload('cart', 'restart', OUTDATED)], [STRICT_MESH]],
    ['in a mesh that accepts plain text', [workload('cart', 'restart', ENTERS)], []],
    [
      'that accepts plain text itself',
      [workload('cart', 'restart', ENTERS)],
      [STRICT_MESH, policy('shop', 'PERMISSIVE')],
    ],
    ['where only its user can restart what lacks a sidecar', [workload('debug', 'warn', ENTERS)], [STRICT_MESH]],
    ['that is the root namespace', [workload('agent', 'restart', ENTERS, { namespace: ROOT })], [STRICT_MESH]],
  ])('does not begin for a namespace %s', (_, workloads, policies) => {
    expect(planFor(workloads, policies)).toEqual({ begin: [], end: [], transitions: [] });
  });

  test('begins in a mesh that becomes STRICT after the run', () => {
    expect(planFor([workload('cart', 'deferred', ENTERS)], [], { strictFollows: true }).begin).toEqual(['shop']);
  });

  test('goes on for as long as a workload waits, and says when its window opens', () => {
    const until = '2026-12-01T22:00:00Z';
    const waiting = workload('cart', 'deferred', ENTERS, { deferredUntil: until });
    expect(planFor([waiting], [STRICT_MESH, OPEN])).toEqual({
      begin: [],
      end: [],
      transitions: [
        {
          ...PERMISSIVE('Deployment shop/cart'),
          message: `${PERMISSIVE('Deployment shop/cart').message}; the last maintenance window opens at ${until}, and a run within the window ends this`,
          until,
        },
      ],
    });
  });

  test('ends once nothing is left to restart, and names what STRICT refuses from then on', () => {
    const left = [workload('cart', 'current', []), workload('debug', 'warn', ENTERS, { kind: 'Pod' })];
    expect(planFor(left, [STRICT_MESH, OPEN])).toEqual({
      begin: [],
      end: ['shop'],
      transitions: [
        {
          namespace: 'shop',
          state: 'ended',
          message:
            'the transition of namespace shop is over, so its mutual TLS is the same as before: where mutual TLS is STRICT, calls from Pod shop/debug are refused until its user restarts it',
          refused: ['Pod shop/debug'],
        },
      ],
    });
    expect(planFor([], [OPEN]).transitions.map(({ message }) => message)).toEqual([
      'the transition of namespace shop is over, so its mutual TLS is the same as before',
    ]);
  });

  describe('stays open', () => {
    const stillOpen = (why: string) => ({
      begin: [],
      end: [],
      transitions: [
        {
          namespace: 'shop',
          state: 'permissive',
          message: `namespace shop still accepts plain text in addition to mutual TLS, since ${why}; to end this by hand, delete its PeerAuthentication: kubectl -n shop delete peerauthentication istio-module-transition`,
        },
      ],
    });

    test.each<[string, Partial<WorkloadPlan>]>([
      ['nothing is known about a workload', { differences: [] }],
      ['a workload lacks its sidecar, but is not restarted', { differences: ENTERS }],
      ['something may refuse the first sidecar of a workload', { differences: [], others: ENTERS }],
    ])('if %s', (_, unknown) => {
      expect(planFor([workload('cart', 'undetermined', [], unknown)], [STRICT_MESH, OPEN])).toEqual(
        stillOpen('it cannot be determined whether these workloads enter or leave the mesh: Deployment shop/cart'),
      );
    });

    test('if the plan is not about all workloads of the namespace', () => {
      const current = workload('cart', 'current', []);
      expect(planFor([current], [STRICT_MESH, OPEN], { why: 'the reason' })).toEqual(stillOpen('the reason'));
    });

    test('but not if an undetermined workload is known to keep its sidecar', () => {
      const undetermined = workload('cart', 'undetermined', []);
      expect(planFor([undetermined], [STRICT_MESH, OPEN], { keeps: true }).end).toEqual(['shop']);
    });

    test.each<[string, Partial<WorkloadPlan>]>([
      ['of another namespace is undetermined', { namespace: 'other' }],
      ['is undetermined that keeps its sidecar', { differences: OUTDATED }],
      ['is undetermined only in what others may set', { others: OUTDATED }],
    ])('but not if a workload %s', (_, known) => {
      expect(planFor([workload('cart', 'undetermined', [], known)], [STRICT_MESH, OPEN]).end).toEqual(['shop']);
    });
  });

  test.each<[string, PeerAuthentication, boolean]>([
    ['for the namespace', policy('shop', 'STRICT', { name: 'own' }), false],
    ['for some of its pods', policy('shop', 'STRICT', { name: 'own', selector: { app: 'cart' } }), true],
    [
      'for a port',
      { ...policy('shop', 'UNSET', { name: 'own' }), spec: { portLevelMtls: { '8080': { mode: 'STRICT' } } } },
      true,
    ],
  ])('cannot help where a policy of its own is STRICT %s, which is reported', (_, own, helpsOthers) => {
    const { begin, transitions } = planFor([workload('cart', 'restart', ENTERS)], [STRICT_MESH, own]);
    expect(begin).toEqual(helpsOthers ? ['shop'] : []);
    expect(transitions[0]).toEqual({
      namespace: 'shop',
      state: 'strict',
      message:
        'PeerAuthentication shop/own keeps mutual TLS STRICT in namespace shop while its workloads enter or leave the mesh: pods without a sidecar cannot call those that have one; set its mode to PERMISSIVE until the restart is complete',
    });
  });

  test('lists the first five workloads', () => {
    const many = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => workload(name, 'restart', ENTERS));
    expect(planFor(many, [STRICT_MESH]).transitions).toEqual([
      PERMISSIVE(`${['a', 'b', 'c', 'd', 'e'].map((name) => `Deployment shop/${name}`).join(', ')} and 2 more`),
    ]);
  });
});
