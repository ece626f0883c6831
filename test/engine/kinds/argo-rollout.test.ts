import type { WorkloadObject } from '../../../lib/engine/cluster/objects';
import { argoRollout } from '../../../lib/engine/kinds/argo-rollout';

const AT = '2026-01-02T03:04:05Z';

function workload(status: object, spec: object = {}): WorkloadObject {
  return {
    metadata: { name: 'cart', namespace: 'shop', uid: 'uid-rollout', generation: 3 },
    spec: { replicas: 3, template: { spec: { containers: [] } }, ...spec },
    status: { observedGeneration: '3', availableReplicas: 3, currentPodHash: 'b', ...status },
  };
}

describe('the restart of a Rollout', () => {
  test.each<[string, WorkloadObject, object]>([
    ['is complete without one', workload({}), { state: 'complete' }],
    ['is complete once it was carried out', workload({ restartedAt: AT }, { restartAt: AT }), { state: 'complete' }],
    [
      'is complete however the time is written',
      workload({ restartedAt: '2026-01-02T04:04:05+01:00' }, { restartAt: AT }),
      { state: 'complete' },
    ],
    [
      'has not begun',
      workload({ observedGeneration: '2' }, { restartAt: AT }),
      { state: 'progressing', message: 'its controller has not seen the change yet' },
    ],
    [
      'evicts pods',
      workload({ restartedAt: '2025-12-31T00:00:00Z' }, { restartAt: AT }),
      { state: 'progressing', message: 'its controller is still evicting pods' },
    ],
    [
      'evicts pods for the first time',
      workload({}, { restartAt: AT }),
      { state: 'progressing', message: 'its controller is still evicting pods' },
    ],
    [
      'has pods that are not available yet',
      workload({ restartedAt: AT, availableReplicas: 2 }, { restartAt: AT }),
      { state: 'progressing', message: '2 of 3 replicas available' },
    ],
    [
      'never begins',
      workload({ conditions: [{ type: 'InvalidSpec', status: 'True', message: 'no strategy' }] }, { restartAt: AT }),
      { state: 'failed', message: 'its specification is invalid: no strategy' },
    ],
  ])('%s', (_, object, expected) => {
    expect(argoRollout.status(object)).toEqual(expected);
  });

  test('is asked for in whole seconds, which is what its controller compares', () => {
    expect(argoRollout.restart('2026-01-02T03:04:05.678Z')).toEqual({ spec: { restartAt: AT } });
  });

  test('keeps the pods that are not older than it', () => {
    const stays = (createdAt: string | undefined, object: WorkloadObject) =>
      argoRollout.stays?.({ name: 'a', labels: {}, createdAt }, object);
    const pending = workload({}, { restartAt: AT });
    expect(stays('2026-01-02T03:04:04Z', pending)).toBe(false);
    expect(stays(undefined, pending)).toBe(false);
    expect(stays(AT, pending)).toBe(true);
    expect(stays('2026-01-02T03:04:04Z', workload({ restartedAt: AT }, { restartAt: AT }))).toBe(true);
    expect(stays('2026-01-02T03:04:04Z', workload({}))).toBe(true);
    expect(stays('2026-01-02T03:04:04Z', workload({ observedGeneration: '2' }))).toBeUndefined();
  });

  test('does not decide which template a pod is of: the hash of its ReplicaSet does', () => {
    const isNewest = (hash: string, object: WorkloadObject) =>
      argoRollout.isNewest({ name: 'a', labels: { 'rollouts-pod-template-hash': hash } }, object, []);
    const pending = workload({}, { restartAt: AT });
    expect([isNewest('a', workload({})), isNewest('b', workload({})), isNewest('b', pending)]).toEqual([
      false,
      true,
      true,
    ]);
    expect(isNewest('b', workload({ currentPodHash: undefined }))).toBeUndefined();
    expect(isNewest('b', workload({ observedGeneration: '2' }))).toBeUndefined();
  });

  test('is left to its user while all that is out of date belongs to the version before an update', () => {
    const pod = (hash: string) => ({ name: `cart-${hash}`, labels: { 'rollouts-pod-template-hash': hash } });
    expect(argoRollout.blocked(workload({}), [pod('a'), pod('a')])).toEqual({
      reason: 'Updating',
      sentence: 'they run the version before an update that is under way, which will replace them',
      remedy: 'kubectl argo rollouts -n shop promote cart, or kubectl argo rollouts -n shop restart cart',
    });
    expect(argoRollout.blocked(workload({}), [pod('a'), pod('b')])).toBeUndefined();
    expect(argoRollout.blocked(workload({ currentPodHash: undefined }), [pod('a')])).toBeUndefined();
    expect(argoRollout.blocked(workload({ abort: true }), [pod('a'), pod('a')])).toBeUndefined();
  });
});

test('a further pod of a Rollout is one of its newest ReplicaSet', () => {
  const set = (name: string, revision: string) => ({
    name,
    uid: `uid-${name}`,
    labels: { 'rollouts-pod-template-hash': name.slice(-1) },
    annotations: { 'rollout.argoproj.io/revision': revision },
  });
  expect(argoRollout.identity(workload({}), [set('cart-b', '10'), set('cart-a', '9')])).toEqual({
    generateName: 'cart-b-',
    labels: { 'rollouts-pod-template-hash': 'b' },
    owner: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'cart-b', uid: 'uid-cart-b' },
    volumes: [],
  });
});

describe('a restart of a Rollout', () => {
  test.each<[string, object, string | undefined]>([
    ['one replica', { replicas: 1 }, 'SingleReplica'],
    ['one of three at a time', { strategy: { blueGreen: {} } }, undefined],
    ['all of three at once', { strategy: { canary: { maxUnavailable: '100%' } } }, 'AllUnavailable'],
    ['two of three at once', { strategy: { canary: { maxUnavailable: 2 } } }, undefined],
  ])('interrupts traffic where pods stop before others serve, and only there: %s', (_, spec, expected) => {
    expect(argoRollout.stopsFirst(workload({}, spec))).toBe(expected);
  });
});
