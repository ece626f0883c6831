import { deployment } from '../../../lib/engine/kinds/deployment';
import type { ObjectMeta, WorkloadObject } from '../../../lib/engine/cluster/objects';

const REVISION = 'deployment.kubernetes.io/revision';

function workload(status: object, { replicas = 2, revision = '2' } = {}): WorkloadObject {
  return {
    metadata: { name: 'cart', namespace: 'shop', uid: 'uid', generation: 3, annotations: { [REVISION]: revision } },
    spec: { replicas, template: { spec: { containers: [] } } },
    status: { observedGeneration: 3, replicas: 2, updatedReplicas: 2, availableReplicas: 2, ...status },
  };
}

const set = (hash: string, revision: string): ObjectMeta => ({
  name: `cart-${hash}`,
  uid: hash,
  labels: { 'pod-template-hash': hash },
  annotations: { [REVISION]: revision },
});

describe('the rollout of a Deployment', () => {
  test.each<[string, object, { replicas?: number }, object]>([
    ['is complete', {}, {}, { state: 'complete' }],
    [
      'is complete without replicas',
      { replicas: 0, updatedReplicas: 0, availableReplicas: 0 },
      { replicas: 0 },
      { state: 'complete' },
    ],
    [
      'has not begun',
      { observedGeneration: 2 },
      {},
      { state: 'progressing', message: 'its controller has not seen the change yet' },
    ],
    [
      'lacks new replicas',
      { replicas: 3, updatedReplicas: 1 },
      {},
      { state: 'progressing', message: '1 of 2 replicas updated' },
    ],
    [
      'has old replicas left',
      { replicas: 3 },
      {},
      { state: 'progressing', message: '1 old replica pending termination' },
    ],
    [
      'has replicas that are not available',
      { availableReplicas: 1 },
      {},
      { state: 'progressing', message: '1 of 2 updated replicas available' },
    ],
    [
      'has failed',
      {
        updatedReplicas: 1,
        conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'too slow' }],
      },
      {},
      { state: 'failed', message: 'progress deadline exceeded: too slow' },
    ],
    [
      'has begun again after a failure',
      {
        observedGeneration: 2,
        conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }],
      },
      {},
      { state: 'progressing', message: 'its controller has not seen the change yet' },
    ],
  ])('%s', (_, status, options, expected) => {
    expect(deployment.status(workload(status, options))).toEqual(expected);
  });
});

describe('the newest pods of a Deployment', () => {
  const pod = (hash: string) => ({ name: 'a', labels: { 'pod-template-hash': hash } });
  const sets = [set('new', '10'), set('old', '9')];

  test('are those of the ReplicaSet of the highest revision, by number', () => {
    const object = workload({}, { revision: '10' });
    expect([deployment.isNewest(pod('new'), object, sets), deployment.isNewest(pod('old'), object, sets)]).toEqual([
      true,
      false,
    ]);
  });

  test('are unknown while it is paused, because its template may have changed since; older pods are not', () => {
    const { spec, ...object } = workload({}, { revision: '10' });
    const paused = { ...object, spec: { ...spec, paused: true } };
    const isNewest = (hash: string) => deployment.isNewest(pod(hash), paused, sets);
    expect([isNewest('new'), isNewest('old')]).toEqual([undefined, false]);
  });

  test.each<[string, WorkloadObject, ObjectMeta[]]>([
    ['the controller has not seen the newest template', workload({ observedGeneration: 2 }, { revision: '10' }), sets],
    ['a newer ReplicaSet has come since they were listed', workload({}, { revision: '11' }), sets],
    ['there is no ReplicaSet', workload({}), []],
  ])('are unknown when %s', (_, object, known) => {
    expect(deployment.isNewest(pod('new'), object, known)).toBeUndefined();
  });
});

describe('a restart of a Deployment', () => {
  const strategy = (replicas: number, rollingUpdate?: object, type = 'RollingUpdate') => {
    const object = workload({}, { replicas });
    return deployment.stopsFirst({ ...object, spec: { ...object.spec, strategy: { type, rollingUpdate } } });
  };

  test.each<[string, string | undefined, string | undefined]>([
    ['one replica goes when another is there', strategy(1), undefined],
    ['a quarter of few replicas is none', strategy(3, { maxSurge: '25%', maxUnavailable: '25%' }), undefined],
    ['one replica without surge', strategy(1, { maxSurge: 0, maxUnavailable: 1 }), 'SingleReplica'],
    ['one replica with surge that may be missing', strategy(1, { maxSurge: 1, maxUnavailable: 1 }), 'SingleReplica'],
    ['neither comes to a pod', strategy(1, { maxSurge: 0, maxUnavailable: '25%' }), 'SingleReplica'],
    ['two replicas without surge', strategy(2, { maxSurge: 0, maxUnavailable: 1 }), undefined],
    ['all replicas, as a percentage', strategy(3, { maxSurge: 1, maxUnavailable: '100%' }), 'AllUnavailable'],
    ['all replicas, as a number', strategy(3, { maxSurge: 1, maxUnavailable: 5 }), 'AllUnavailable'],
    ['nearly all replicas', strategy(3, { maxSurge: 1, maxUnavailable: '99%' }), undefined],
    ['Recreate', strategy(3, undefined, 'Recreate'), 'Recreate'],
  ])('interrupts traffic where pods stop before others serve, and only there: %s', (_, found, expected) => {
    expect(found).toBe(expected);
  });
});
