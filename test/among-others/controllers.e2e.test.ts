import type { KubeObject, ObjectReference } from '../control-plane/kube-client';
import { keepsRunningAnnotation, readyAfterAnnotation } from '../control-plane/stages';
import { defineKind } from '../e2e/custom-resource';
import { controlledBy, deployment, pod, podTemplate, workload, type WorkloadOptions } from '../e2e/workload';
import { CURRENT, decisionsOf, MeshAmongOthers, planned, RESTART } from './mesh-among-others';
import { runRemedy } from './run-remedy';
import { TemplateKeeper } from './template-keeper';

const MINUTES = 60_000;
const SPARK = 'sparkoperator.k8s.io/v1beta2';

/** The spec of a pod of one container with these ports. */
const serving = (name: string, ...ports: readonly number[]) => ({
  containers: [
    {
      name,
      image: 'registry.k8s.io/pause:3.10',
      ports: ports.map((containerPort) => ({ name: `port-${String(containerPort)}`, containerPort })),
    },
  ],
});

describe('pods that other controllers make', () => {
  let mesh: MeshAmongOthers;

  beforeAll(async () => {
    mesh = await MeshAmongOthers.start();
    await defineKind(mesh.client, 'example.com', 'v1', 'Gizmo');
    await defineKind(mesh.client, 'ray.io', 'v1', 'RayCluster');
    await defineKind(mesh.client, 'apps.openshift.io', 'v1', 'DeploymentConfig');
    await defineKind(mesh.client, 'sparkoperator.k8s.io', 'v1beta2', 'SparkApplication');
  }, 10 * MINUTES);

  afterEach(() => mesh.reset(), 2 * MINUTES);

  afterAll(() => mesh.stop(), MINUTES);

  const owner = (apiVersion: string, kind: string, name: string, namespace: string): Promise<KubeObject> =>
    mesh.client.apply({ apiVersion, kind, metadata: { name, namespace } });

  const kubeconfig = () => mesh.cluster.controlPlane.kubeconfig;

  it.each([
    ['may ask the injector alone', 'operated', true, false],
    ['may not', 'operated-too', false, false],
    ['may ask the injector alone, though the operator also reverts annotations', 'operated-whole', true, true],
  ])(
    'from templates that an operator reverts are reported after one restart without effect, with credentials that %s',
    async (_, namespace, asksInjector, keepsAnnotations) => {
      const credentials = { kubeconfig: await mesh.credentials(namespace, asksInjector) };
      await mesh.namespace(namespace);
      const gizmo = await owner('example.com/v1', 'Gizmo', 'db', namespace);
      // Pods become ready only after the operator has looked, so that no rollout gets past its first pod.
      const options = { namespace, templateAnnotations: { [readyAfterAnnotation]: '4s' } };
      const kept = [
        controlledBy(gizmo, deployment('cache', { ...options, spec: { replicas: 2 } })),
        controlledBy(
          gizmo,
          workload('apps/v1', 'StatefulSet', 'journal', { ...options, spec: { replicas: 2, serviceName: 'journal' } }),
        ),
      ];
      await mesh.run(namespace, 4, ...kept);
      await mesh.outdate();
      const keeper = new TemplateKeeper(mesh.client, kept, keepsAnnotations);
      try {
        const { report, rounds } = await mesh.restart(namespace, credentials);
        expect(rounds).toBe(1);
        expect(keeper.count).toBe(2);
        for (const key of ['Deployment/cache', 'StatefulSet/journal']) {
          const found = planned(report.undetermined, key);
          expect([key, found?.reason]).toEqual([key, 'RestartWithoutEffect']);
          expect(found?.message).toContain('its owner Gizmo db');
        }

        // If the operator also removes the mark, each run restarts its workloads once.
        if (keepsAnnotations) {
          await keeper.settled();
        }
        const again = await mesh.restart(namespace, credentials);
        expect(again.rounds).toBe(keepsAnnotations ? 1 : 0);
        expect(keepsAnnotations ? [] : again.touched).toEqual([]);
        expect(keeper.count).toBe(keepsAnnotations ? 4 : 2);
      } finally {
        await keeper.stop();
      }
    },
    6 * MINUTES,
  );

  it(
    'controlled by another pod are judged one by one, and only that other pod is reported as BarePod',
    async () => {
      const namespace = 'batch';
      await mesh.namespace(namespace);
      const driverSpec = { restartPolicy: 'Never', ...serving('spark-kubernetes-driver', 7078, 7079, 4040) };
      const executorSpec = { restartPolicy: 'Never', ...serving('spark-kubernetes-executor', 7079) };
      const driver = await mesh.client.apply(pod('sums-driver', { namespace, podSpec: driverSpec }));
      await mesh.run(
        namespace,
        3,
        controlledBy(driver, pod('sums-exec-1', { namespace, podSpec: executorSpec })),
        controlledBy(driver, pod('sums-exec-2', { namespace, podSpec: executorSpec })),
      );
      const names = ['Pod/sums-driver', 'Pod/sums-exec-1', 'Pod/sums-exec-2'];
      expect(await mesh.decisions(namespace)).toEqual(Object.fromEntries(names.map((name) => [name, CURRENT])));

      await mesh.outdate();
      const plan = await mesh.plan(namespace);
      expect(decisionsOf(plan)).toEqual({
        'Pod/sums-driver': 'warn BarePod',
        'Pod/sums-exec-1': 'warn UnknownController',
        'Pod/sums-exec-2': 'warn UnknownController',
      });
      expect(planned(plan.workloads, 'Pod/sums-exec-1')?.message).toContain('controlled by Pod sums-driver');
      expect(await mesh.touches(namespace)).toEqual([]);
    },
    5 * MINUTES,
  );

  it(
    'controlled by a pod that has a controller itself have a remedy that leaves this pod alone',
    async () => {
      const namespace = 'batch-by-operator';
      await mesh.namespace(namespace);
      const application = await owner(SPARK, 'SparkApplication', 'sums', namespace);
      const podSpec = { restartPolicy: 'Never', ...serving('spark-kubernetes-driver', 7078, 4040) };
      const driver = await mesh.client.apply(controlledBy(application, pod('sums-driver', { namespace, podSpec })));
      const referring = ({ apiVersion, kind, metadata: { name, uid } }: KubeObject) => ({
        apiVersion,
        kind,
        name,
        uid,
      });
      const executor = pod('sums-exec-1', { namespace });
      const ownerReferences = [referring(application), { ...referring(driver), controller: true }];
      const both = { ...executor, metadata: { ...executor.metadata, ownerReferences } };
      await mesh.run(namespace, 2, both);
      expect(await mesh.decisions(namespace)).toEqual({
        ...{ 'SparkApplication/sums': CURRENT, 'Pod/sums-exec-1': CURRENT },
      });

      await mesh.outdate();
      const plan = await mesh.plan(namespace);
      expect(decisionsOf(plan)).toEqual({
        'SparkApplication/sums': 'warn UnknownController',
        'Pod/sums-exec-1': 'warn UnknownController',
      });
      expect(plan.workloads.filter(({ remedy }) => remedy.includes('replace --force'))).toEqual([]);
      expect(planned(plan.workloads, 'Pod/sums-exec-1')?.remedy).toBe(`kubectl -n ${namespace} delete pod sums-exec-1`);
      expect(await mesh.touches(namespace)).toEqual([]);
    },
    5 * MINUTES,
  );

  it(
    'from several templates of one controller are each compared with their own template, whatever their numbers',
    async () => {
      const namespace = 'rays';
      await mesh.namespace(namespace);
      const cluster = await owner('ray.io/v1', 'RayCluster', 'pool', namespace);
      const member = (name: string, options: WorkloadOptions) =>
        controlledBy(cluster, pod(name, { namespace, ...options }));
      const worker = (name: string, number: string, options: WorkloadOptions = {}) =>
        member(name, { templateLabels: { app: 'worker', 'replica-number': number }, ...options });
      await mesh.run(
        namespace,
        5,
        member('pool-head', { podSpec: serving('ray-head', 6379, 8265, 10001) }),
        worker('pool-worker-a', '0'),
        worker('pool-worker-b', '1'),
        worker('pool-worker-c', '2', { annotations: { 'traffic.sidecar.istio.io/includeOutboundPorts': '443' } }),
        worker('pool-worker-d', '3', { annotations: { 'sidecar.istio.io/inject': 'false' } }),
      );
      expect(await mesh.decisions(namespace)).toEqual({ 'RayCluster/pool': CURRENT });
      expect(await mesh.touches(namespace)).toEqual([]);

      await mesh.outdate();
      const plan = await mesh.plan(namespace);
      const pool = planned(plan.workloads, 'RayCluster/pool');
      expect([pool?.decision, pool?.reason]).toEqual(['warn', 'UnknownController']);
      expect(pool?.pods).toEqual(['pool-head', 'pool-worker-a', 'pool-worker-b', 'pool-worker-c']);
      expect(new Set(pool?.differences.map(({ path, pods }) => `${path} ${pods?.join() ?? 'all'}`))).toEqual(
        new Set(['istio-proxy.resources.requests.cpu all', 'istio-validation.resources.requests.cpu all']),
      );
      expect(await mesh.touches(namespace)).toEqual([]);
    },
    5 * MINUTES,
  );

  it.each([
    ['do not match', 'streams', {}],
    ['match', 'streams-too', { app: 'totals' }],
  ])(
    'controlled by a Deployment directly, without a ReplicaSet, are not its replicas, with labels that %s its selector',
    async (_, namespace, labels) => {
      await mesh.namespace(namespace);
      const podSpec = serving('main', 8081, 6123, 6124);
      const options = { namespace, podSpec, templateLabels: { component: 'jobmanager' } };
      const manager = await mesh.client.apply(deployment('totals', options));
      const templateLabels = { component: 'taskmanager', ...labels };
      const task = pod('totals-taskmanager-1-1', { namespace, podSpec: serving('main', 6122), templateLabels });
      await mesh.run(namespace, 2, controlledBy(manager, task));
      expect(await mesh.decisions(namespace)).toEqual({
        ...{ 'Deployment/totals': CURRENT, 'Pod/totals-taskmanager-1-1': CURRENT },
      });
      expect(await mesh.touches(namespace)).toEqual([]);

      await mesh.outdate();
      const { workloads } = await mesh.plan(namespace);
      expect(planned(workloads, 'Deployment/totals')?.pods).toHaveLength(1);
      const { uid } = await mesh.client.get(task);
      const { restarted, rounds } = await mesh.restart(namespace);
      expect({ restarted, rounds }).toEqual({ restarted: ['Deployment/totals'], rounds: 1 });
      expect((await mesh.client.get(task)).uid).toBe(uid);
      expect(await mesh.decisions(namespace)).toEqual({
        'Deployment/totals': CURRENT,
        'Pod/totals-taskmanager-1-1': 'warn UnknownController',
      });
      expect(await mesh.touches(namespace)).toEqual([]);
    },
    5 * MINUTES,
  );

  it(
    'of a DeploymentConfig’s ReplicationController are reported with both names and a command that works',
    async () => {
      const namespace = 'configs';
      await mesh.namespace(namespace);
      const config = await owner('apps.openshift.io/v1', 'DeploymentConfig', 'shop', namespace);
      const spec = { replicas: 2, selector: { app: 'shop-3' } };
      await mesh.run(
        namespace,
        2,
        controlledBy(config, workload('v1', 'ReplicationController', 'shop-3', { namespace, spec })),
      );
      expect(await mesh.decisions(namespace)).toEqual({ 'ReplicationController/shop-3': CURRENT });
      await mesh.outdate();
      const { workloads } = await mesh.plan(namespace);
      const found = planned(workloads, 'ReplicationController/shop-3');
      expect(found).toMatchObject({ decision: 'warn', reason: 'ReplicationController' });
      expect(found?.message).toContain('DeploymentConfig shop');
      expect(await mesh.touches(namespace)).toEqual([]);

      // Each command deletes one pod.
      for (const pods of [2, 1]) {
        const left = planned((await mesh.plan(namespace)).workloads, 'ReplicationController/shop-3');
        expect(left?.pods).toHaveLength(pods);
        await runRemedy(left?.remedy ?? '', kubeconfig());
        await mesh.running(namespace, 2);
      }
      expect(await mesh.decisions(namespace)).toEqual({ 'ReplicationController/shop-3': CURRENT });
    },
    5 * MINUTES,
  );

  it.each([
    [
      'has nearly as many characters as it may',
      'nights',
      'recalculate-all-the-monthly-statements-of-customers',
      '29000000',
    ],
    ['would be cut at a dash', 'dashes', 'recalculate-all-statements-of-every-customer', 'by-month-26-online'],
    ['comes from such a command', 'nights-again', 'recalculate-all-the-monthly-statements-of-customers', '29000-again'],
  ])(
    'of a CronJob’s run whose name %s are reported with a command that works',
    async (_, namespace, name, run) => {
      await mesh.namespace(namespace);
      const template = podTemplate('statements', { [keepsRunningAnnotation]: 'true' });
      const jobSpec = { template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } };
      const cronJob = await mesh.client.apply({
        ...{ apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name, namespace } },
        spec: { schedule: '0 3 1 1 *', jobTemplate: { spec: jobSpec } },
      } as ObjectReference);
      const job = {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name: `${name}-${run}`, namespace },
        spec: jobSpec,
      };
      await mesh.run(namespace, 1, controlledBy(cronJob, job));
      const key = `Job/${name}-${run}`;
      expect(await mesh.decisions(namespace)).toEqual({ [key]: CURRENT });

      await mesh.outdate();
      const { workloads } = await mesh.plan(namespace);
      const found = planned(workloads, key);
      expect(found).toMatchObject({ decision: 'warn', reason: 'JobOwned' });
      expect(await runRemedy(found?.remedy ?? '', kubeconfig())).toContain('created');
      await mesh.running(namespace, 2);
      expect(Object.values(await mesh.decisions(namespace)).sort()).toEqual([CURRENT, 'warn JobOwned']);
      expect(await mesh.touches(namespace)).toEqual([]);
    },
    5 * MINUTES,
  );

  it(
    'from a template that an operator owns but does not revert are rolled like any others',
    async () => {
      const namespace = 'left-alone';
      await mesh.namespace(namespace);
      const gizmo = await owner('example.com/v1', 'Gizmo', 'db', namespace);
      await mesh.run(namespace, 1, controlledBy(gizmo, deployment('cache', { namespace })));
      await mesh.outdate();
      expect(await mesh.decisions(namespace)).toEqual({ 'Deployment/cache': RESTART });
      expect(await mesh.touches(namespace)).toEqual(['Deployment/cache']);
      expect(await mesh.touches(namespace)).toEqual([]);
    },
    4 * MINUTES,
  );
});
