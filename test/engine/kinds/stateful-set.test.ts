import { statefulSet } from '../../../lib/engine/kinds/stateful-set';
import type { WorkloadObject } from '../../../lib/engine/cluster/objects';

function workload(status: object, partition = 0, type = 'RollingUpdate'): WorkloadObject {
  return {
    metadata: { name: 'db', namespace: 'shop', uid: 'uid', generation: 3 },
    spec: {
      replicas: 3,
      template: { spec: { containers: [] } },
      updateStrategy: { type, rollingUpdate: { partition } },
    },
    status: {
      observedGeneration: 3,
      updatedReplicas: 3,
      availableReplicas: 3,
      currentRevision: 'db-1',
      updateRevision: 'db-2',
      ...status,
    },
  };
}

describe('the rollout of a StatefulSet', () => {
  test.each<[string, WorkloadObject, object]>([
    ['is complete', workload({}), { state: 'complete' }],
    [
      'is complete when no update is pending',
      workload({ currentRevision: 'db-2', updatedReplicas: 0 }),
      { state: 'complete' },
    ],
    ['is complete above its partition', workload({ updatedReplicas: 1 }, 2), { state: 'complete' }],
    [
      'has not begun',
      workload({ observedGeneration: 2 }),
      { state: 'progressing', message: 'its controller has not seen the change yet' },
    ],
    [
      'lacks new replicas',
      workload({ updatedReplicas: 1 }),
      { state: 'progressing', message: '1 of 3 replicas updated' },
    ],
    [
      'lacks new replicas above its partition',
      workload({ updatedReplicas: 0 }, 2),
      { state: 'progressing', message: '0 of 1 replicas updated' },
    ],
    [
      'has replicas that are not available',
      workload({ availableReplicas: 2 }),
      { state: 'progressing', message: '2 of 3 replicas available' },
    ],
  ])('%s', (_, object, expected) => {
    expect(statefulSet.status(object)).toEqual(expected);
  });
});

describe('the pods of a StatefulSet', () => {
  const pod = (name: string, labels = {}) => ({ name, labels });

  test('are known by their revision, once its controller has seen the newest template', () => {
    const newest = pod('db-0', { 'controller-revision-hash': 'db-2' });
    expect(statefulSet.isNewest(newest, workload({}), [])).toBe(true);
    expect(statefulSet.isNewest(pod('db-0', { 'controller-revision-hash': 'db-1' }), workload({}), [])).toBe(false);
    expect(statefulSet.isNewest(newest, workload({ observedGeneration: 2 }), [])).toBeUndefined();
  });

  test('have the ordinal of their label, else of their name', () => {
    expect(
      statefulSet.blocked(workload({}, 2), [pod('db-1'), pod('x', { 'apps.kubernetes.io/pod-index': '0' })]),
    ).toEqual({
      reason: 'Partitioned',
      sentence: 'its pods below partition 2 are not replaced by a rolling update (delete one pod at a time)',
      remedy: 'kubectl -n shop delete pod db-1',
    });
    expect(statefulSet.blocked(workload({}, 2), [pod('db-1'), pod('db-2')])).toBeUndefined();
    expect(statefulSet.blocked(workload({}, 2), [])).toBeUndefined();
  });

  test('are counted from the first replica, whatever its ordinal is', () => {
    const shifted = workload({}, 2);
    const set = { ...shifted, spec: { ...shifted.spec, ordinals: { start: 5 } } };
    expect(statefulSet.blocked(set, [pod('db-6')])?.reason).toBe('Partitioned');
    expect(statefulSet.blocked(set, [pod('db-7')])).toBeUndefined();
  });
});

describe('a restart of a StatefulSet', () => {
  const stops = (replicas: number, rollingUpdate?: object) => {
    const object = workload({});
    return statefulSet.stopsFirst({ ...object, spec: { ...object.spec, replicas, updateStrategy: { rollingUpdate } } });
  };

  test.each<[string, string | undefined, string | undefined]>([
    ['one replica', stops(1), 'SingleReplica'],
    ['one of two at a time', stops(2), undefined],
    ['all of two at a time', stops(2, { maxUnavailable: 2 }), 'AllUnavailable'],
    ['half of three, which is one', stops(3, { maxUnavailable: '50%' }), undefined],
    ['all but those below the partition', stops(3, { maxUnavailable: '100%', partition: 1 }), undefined],
  ])('interrupts traffic where pods stop before others serve, and only there: %s', (_, found, expected) => {
    expect(found).toBe(expected);
  });
});
