import { MeshCluster, PROJECT_WITHOUT_TRAFFIC, type WorkloadView } from '../e2e/mesh-cluster';
import { until } from '../control-plane/kube-client';
import type { PulumiWorkspace } from '../control-plane/pulumi-workspace';
import { readyAfterAnnotation } from '../control-plane/stages';

const ROLLED = [
  'Deployment/shop/reviews-v1',
  'Deployment/shop/reviews-v2',
  'Deployment/shop/cart',
  'StatefulSet/shop/db',
  'DaemonSet/shop/agent',
];
const IMAGE = 'docker.io/istio/proxyv2:1.31.1-distroless';

describe('pulumi up, killed in the middle of the rollouts and run again', () => {
  let cluster: MeshCluster;
  let workspace: PulumiWorkspace;

  beforeAll(async () => {
    cluster = await MeshCluster.start();
    // The rollouts are slow enough for the kill to happen between the first restart and the last.
    for (const name of ['reviews-v1', 'reviews-v2', 'cart']) {
      const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'shop' } };
      const annotations = { [readyAfterAnnotation]: '3s' };
      await cluster.client.patch(deployment, { spec: { template: { metadata: { annotations } } } });
      await cluster.client.waitFor(deployment, isRolledOut);
    }
    workspace = await cluster.workspace('1.31.1', {
      ...{ project: PROJECT_WITHOUT_TRAFFIC, checkpoints: 'after each resource' },
    });
    await workspace.setConfig('restart', JSON.stringify({ maxConcurrent: 2 }));
  }, 1_800_000);

  afterAll(async () => {
    await cluster.stop();
  });

  test('ends as an undisturbed run does, on creation', async () => {
    await killAndRunAgain(IMAGE);
  }, 600_000);

  test('ends as an undisturbed run does, on an update', async () => {
    await workspace.setConfig('version', '1.31.2');
    await killAndRunAgain('docker.io/istio/proxyv2:1.31.2-distroless');
  }, 600_000);

  async function killAndRunAgain(image: string): Promise<void> {
    const before = await cluster.workloads();
    const running = workspace.spawnUp();
    await until(
      async () => {
        const counts = Object.values(restartsSince(before, await cluster.workloads()));
        return counts.some((count) => count > 0);
      },
      `the first restart; Pulumi said: ${running.output()}`,
      { timeoutSeconds: 240 },
    );
    running.kill();
    expect((await running.result).exitCode).not.toBe(0);
    const interrupted = restartsSince(before, await cluster.workloads());
    expect(Object.values(interrupted)).toContain(0);

    await workspace.cancel();
    const again = await workspace.up();
    expect({ exitCode: again.exitCode, output: again.exitCode === 0 ? '' : again.stdout }).toEqual({
      exitCode: 0,
      output: '',
    });
    const after = await cluster.workloads();
    // A generation that is greater by one means one change to the template: each pod was replaced once, by one of the
    // two runs.
    expect(restartsSince(before, after)).toEqual(Object.fromEntries(ROLLED.map((name) => [name, 1])));
    for (const name of ROLLED) {
      expect(new Set(after[name]?.pods.map((pod) => pod.image))).toEqual(new Set([image]));
    }
    for (const name of Object.keys(before).filter((one) => !ROLLED.includes(one))) {
      expect(after[name]).toEqual(before[name]);
    }
    const settled = await workspace.up(['--expect-no-changes']);
    expect(settled.exitCode).toBe(0);
    expect(await cluster.workloads()).toEqual(after);
  }
});

/** How often each workload's template was changed. */
function restartsSince(
  before: Readonly<Record<string, WorkloadView>>,
  now: Readonly<Record<string, WorkloadView>>,
): Record<string, number> {
  return Object.fromEntries(
    ROLLED.map((name) => [name, (now[name]?.generation ?? NaN) - (before[name]?.generation ?? NaN)]),
  );
}

function isRolledOut(object: unknown): boolean {
  const { metadata, spec, status } = object as {
    metadata: { generation: number };
    spec: { replicas: number };
    status?: { observedGeneration?: number; updatedReplicas?: number; availableReplicas?: number; replicas?: number };
  };
  return (
    status?.observedGeneration === metadata.generation &&
    status.updatedReplicas === spec.replicas &&
    status.availableReplicas === spec.replicas &&
    status.replicas === spec.replicas
  );
}
