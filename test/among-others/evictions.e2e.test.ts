import type { WorkloadName } from 'istio-module/engine';
import type { ObjectReference } from '../control-plane/kube-client';
import { keepsRunningAnnotation, readyAfterAnnotation } from '../control-plane/stages';
import { defineKind } from '../e2e/custom-resource';
import { isPodReady, podsOf } from '../e2e/pods-of';
import { kubeconfigWithout } from '../e2e/restart-permissions';
import { controlledBy, pod, podTemplate, workload, type WorkloadOptions } from '../e2e/workload';
import { decisionsOf, MeshAmongOthers, planned } from './mesh-among-others';

const MINUTES = 60_000;

const budget = (namespace: string, app: string, minAvailable: number): ObjectReference & { readonly spec: object } => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: `${app}-budget`, namespace },
  spec: { minAvailable, selector: { matchLabels: { app } } },
});

const controller = (name: string, { spec, ...options }: WorkloadOptions) =>
  workload('v1', 'ReplicationController', name, { ...options, spec: { selector: { app: name }, ...spec } });

/** A Job that runs until it is deleted. */
function job(name: string, namespace: string) {
  const { metadata, spec } = podTemplate(name, { [keepsRunningAnnotation]: 'true' });
  const template = { metadata, spec: { ...spec, restartPolicy: 'Never' } };
  return workload('batch/v1', 'Job', name, { namespace, spec: { selector: undefined, template } });
}

describe('pods that no rollout replaces, evicted', () => {
  let mesh: MeshAmongOthers;

  beforeAll(async () => {
    mesh = await MeshAmongOthers.start();
    await defineKind(mesh.client, 'apps.openshift.io', 'v1', 'DeploymentConfig');
  }, 10 * MINUTES);

  afterEach(() => mesh.reset(), 2 * MINUTES);

  afterAll(() => mesh.stop(), MINUTES);

  const credentials = (name: string, eviction: boolean) =>
    kubeconfigWithout(mesh.cluster.controlPlane, mesh.client, name, undefined, { eviction, admissionPolicy: true });

  async function uids(namespace: string, app: string): Promise<readonly string[]> {
    return (await podsOf(mesh.client, namespace, app)).map(({ metadata }) => String(metadata.uid));
  }

  /** The smallest number of pods that were ready at any time during the work. */
  async function fewestReady(namespace: string, app: string, work: Promise<unknown>): Promise<number> {
    let isOver = false as boolean;
    const over = work.finally(() => (isOver = true));
    let fewest = Infinity;
    while (!isOver) {
      fewest = Math.min(fewest, (await podsOf(mesh.client, namespace, app)).filter(isPodReady).length);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await over;
    return fewest;
  }

  it(
    'go one at a time, so that a PodDisruptionBudget holds, and a second run restarts nothing',
    async () => {
      const namespace = 'evicted';
      await mesh.namespace(namespace);
      const config = await mesh.client.apply({
        ...{ apiVersion: 'apps.openshift.io/v1', kind: 'DeploymentConfig', metadata: { name: 'legacy', namespace } },
      });
      await mesh.run(
        namespace,
        8,
        workload('apps/v1', 'ReplicaSet', 'cart', {
          namespace,
          spec: { replicas: 3 },
          templateAnnotations: { [readyAfterAnnotation]: '1s' },
        }),
        budget(namespace, 'cart', 2),
        controller('old', { namespace, spec: { replicas: 2 } }),
        controlledBy(config, controller('legacy-1', { namespace })),
        job('once', namespace),
        pod('bare', { namespace }),
      );
      await mesh.outdate();
      const options = { kubeconfig: await credentials('evictor', true), evict: true };

      const plan = await mesh.plan(namespace, options);
      expect(decisionsOf(plan)).toEqual({
        'ReplicaSet/cart': 'restart OutOfDate',
        'ReplicationController/old': 'restart OutOfDate',
        'ReplicationController/legacy-1': 'warn ReplicationController',
        'Job/once': 'warn JobOwned',
        'Pod/bare': 'warn BarePod',
      });
      expect(planned(plan.workloads, 'ReplicaSet/cart')).toMatchObject({
        method: 'eviction',
        message: expect.stringMatching(/; its pods are evicted one by one$/) as string,
      });

      const apps = ['cart', 'old', 'legacy-1', 'once', 'bare'];
      const look = () => Promise.all(apps.map((app) => uids(namespace, app)));
      const before = await look();
      const run = mesh.restart(namespace, options);
      expect(await fewestReady(namespace, 'cart', run)).toBe(2);
      const { report } = await run;
      const name = ({ kind, name }: WorkloadName) => `${kind}/${name}`;
      expect(report.restarted.map((one) => [name(one), one.method])).toEqual([
        ['ReplicaSet/cart', 'eviction'],
        ['ReplicationController/old', 'eviction'],
      ]);
      const after = await look();
      expect(after.map((all, index) => all.filter((uid) => before[index]?.includes(uid)).length)).toEqual([
        0, 0, 1, 1, 1,
      ]);
      expect(after.map(({ length }) => length)).toEqual([3, 2, 1, 1, 1]);

      const { metadata } = await mesh.client.get({
        ...{ apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'cart', namespace } },
      });
      expect(metadata.annotations).toHaveProperty(['istio-module/restarted-for']);

      expect((await mesh.restart(namespace, options)).rounds).toBe(0);
      expect(await look()).toEqual(after);
    },
    5 * MINUTES,
  );

  it(
    'stay where a PodDisruptionBudget never lets one go, which the error names',
    async () => {
      const namespace = 'held';
      await mesh.namespace(namespace);
      await mesh.run(
        namespace,
        1,
        workload('apps/v1', 'ReplicaSet', 'ledger', { namespace }),
        budget(namespace, 'ledger', 1),
      );
      await mesh.outdate();
      const before = await uids(namespace, 'ledger');
      await expect(mesh.restart(namespace, { evict: true, timeoutSeconds: 5 })).rejects.toMatchObject({
        code: 'RolloutFailed',
        message: expect.stringMatching(
          /ReplicaSet held\/ledger: not complete after 5 s: .*disruption budget ledger-budget/,
        ) as string,
      });
      expect(await uids(namespace, 'ledger')).toEqual(before);
    },
    3 * MINUTES,
  );

  it(
    'stay where the credentials may not evict them',
    async () => {
      const namespace = 'forbidden';
      await mesh.namespace(namespace);
      await mesh.run(namespace, 1, workload('apps/v1', 'ReplicaSet', 'cart', { namespace }));
      await mesh.outdate();
      const before = await uids(namespace, 'cart');
      const kubeconfig = await credentials('no-evictor', false);
      await expect(mesh.restart(namespace, { kubeconfig, evict: true })).rejects.toMatchObject({
        code: 'Forbidden',
        message: expect.stringContaining('may not create pods/eviction in namespace forbidden') as string,
      });
      expect(await uids(namespace, 'cart')).toEqual(before);
    },
    3 * MINUTES,
  );
});
