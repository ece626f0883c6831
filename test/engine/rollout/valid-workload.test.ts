import type { WorkloadObject } from '../../../lib/engine/cluster/objects';
import { argoRollout as argoRolloutOwner } from '../../../lib/engine/kinds/argo-rollout';
import { rollOut } from '../../../lib/engine/rollout/roll-out';
import type { RestartTask } from '../../../lib/engine/rollout/roll-out-task';
import { argoRollout } from '../cluster-builder';
import { FakeCluster, type FakeClusterOptions } from '../fake-cluster';

const AT = '2026-11-02T10:00:00.000Z';

/** The objects of a Rollout, and the task to restart it. */
function rollout(name: string) {
  const objects = argoRollout(name);
  const [object, , pod] = objects as unknown as [WorkloadObject, WorkloadObject, WorkloadObject];
  const task: RestartTask = {
    ...{ kind: 'Rollout', owner: argoRolloutOwner, namespace: 'shop', name, uid: object.metadata.uid },
    ...{ action: 'restart', planned: object, outdated: [pod.metadata], wasComplete: true },
    ...{ isGateway: false, namespaceOrder: 0, order: 0 },
  };
  return { objects, object, task };
}

describe('a Rollout with an invalid field', () => {
  let cluster: FakeCluster | undefined;

  afterEach(async () => {
    await cluster?.close();
    cluster = undefined;
  });

  test.each([
    ['before its restart', 0],
    ['during its rollout', 1],
  ])('fails alone if that is found %s', async (_, patches) => {
    const [one, other] = [rollout('one'), rollout('other')];
    const metadata = { ...one.object.metadata, generation: 9 };
    const invalid = { ...one.object, metadata, status: { ...one.object.status, conditions: {} } };
    const intercept: FakeClusterOptions['intercept'] = ({ method, path }, { patches: sent }) =>
      method === 'GET' && path.endsWith('/rollouts/one') && sent.length >= patches ? { body: invalid } : undefined;
    cluster = await FakeCluster.start([...one.objects, ...other.objects], { intercept });
    const options = { maxConcurrent: 1, onFailure: 'continue' } as const;
    const message =
      'the field status.conditions of its Rollout is invalid, so its rollout cannot be followed; correct the field';
    expect(await rollOut(await cluster.server.api(), [one.task, other.task], AT, options)).toMatchObject([
      { name: 'one', outcome: 'failed', message },
      { name: 'other', outcome: 'restarted' },
    ]);
    expect(cluster.patched).toHaveLength(patches + 1);
  });
});
