import { daemonSet } from '../../../lib/engine/kinds/daemon-set';
import type { WorkloadObject } from '../../../lib/engine/cluster/objects';

function workload(status: object, annotations = {}): WorkloadObject {
  return {
    metadata: { name: 'agent', namespace: 'shop', uid: 'uid', generation: 3, annotations },
    spec: { template: { spec: { containers: [] } } },
    status: {
      observedGeneration: 3,
      desiredNumberScheduled: 3,
      updatedNumberScheduled: 3,
      numberAvailable: 3,
      ...status,
    },
  };
}

describe('the rollout of a DaemonSet', () => {
  test.each<[string, object, object]>([
    ['is complete', {}, { state: 'complete' }],
    [
      'is complete where no node runs it',
      { desiredNumberScheduled: 0, updatedNumberScheduled: 0, numberAvailable: 0 },
      { state: 'complete' },
    ],
    [
      'has not begun',
      { observedGeneration: 2 },
      { state: 'progressing', message: 'its controller has not seen the change yet' },
    ],
    ['lacks new pods', { updatedNumberScheduled: 1 }, { state: 'progressing', message: '1 of 3 pods updated' }],
    [
      'has pods that are not available',
      { numberAvailable: 2 },
      { state: 'progressing', message: '2 of 3 pods available' },
    ],
  ])('%s', (_, status, expected) => {
    expect(daemonSet.status(workload(status))).toEqual(expected);
  });

  test('knows its newest pods by the generation of their template', () => {
    const object = workload({}, { 'deprecated.daemonset.template.generation': '7' });
    const isNewest = (generation: string, of = object) =>
      daemonSet.isNewest({ name: 'a', labels: { 'pod-template-generation': generation } }, of, []);
    expect([isNewest('7'), isNewest('6'), isNewest('7', workload({}))]).toEqual([true, false, undefined]);
  });
});

describe('a restart of a DaemonSet', () => {
  const stops = (nodes: number, rollingUpdate?: object) => {
    const object = workload({ desiredNumberScheduled: nodes });
    return daemonSet.stopsFirst({ ...object, spec: { ...object.spec, updateStrategy: { rollingUpdate } } });
  };

  test.each<[string, string | undefined, string | undefined]>([
    ['a node after the other', stops(3), 'OnePerNode'],
    ['the only node', stops(1), 'OnePerNode'],
    ['all nodes at once', stops(3, { maxUnavailable: '70%' }), 'AllUnavailable'],
    ['with a surge', stops(3, { maxSurge: 1, maxUnavailable: 0 }), undefined],
    ['without one', stops(3, { maxSurge: '0%', maxUnavailable: 1 }), 'OnePerNode'],
  ])('interrupts traffic where pods stop before others serve, and only there: %s', (_, found, expected) => {
    expect(found).toBe(expected);
  });
});
