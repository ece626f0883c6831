import { type KubeObject, type ObjectReference, until } from '../control-plane/kube-client';
import { troubleAnnotation } from '../control-plane/stages';
import { failureOf } from '../e2e/failure-of';
import { rolledBetween } from '../e2e/rolled-between';
import { deployment, pod, workload } from '../e2e/workload';
import { CURRENT, decisionsOf, MeshAmongOthers, MORE_CPU, planned, RESTART } from './mesh-among-others';
import { runRemedy } from './run-remedy';

const MINUTES = 60_000;
const DENIED = 'undetermined DryRunDenied';

describe('workloads in trouble', () => {
  let mesh: MeshAmongOthers;

  beforeAll(async () => {
    mesh = await MeshAmongOthers.start();
  }, 10 * MINUTES);

  afterEach(() => mesh.reset(), 2 * MINUTES);

  afterAll(() => mesh.stop(), MINUTES);

  const kubeconfig = () => mesh.cluster.controlPlane.kubeconfig;

  it.each([
    ['may ask it alone', 'strictly', true],
    ['may not', 'strictly-too', false],
  ])(
    'with an annotation that the injector refuses do not keep others from a restart, with credentials that %s',
    async (_, namespace, asksInjector) => {
      const credentials = { kubeconfig: await mesh.credentials(namespace, asksInjector) };
      await mesh.namespace(namespace, {});
      const templateAnnotations = { 'traffic.sidecar.istio.io/excludeInterfaces': 'eth0 -j ACCEPT' };
      await mesh.run(
        namespace,
        2,
        deployment('refused', { namespace, templateAnnotations }),
        deployment('fine', { namespace }),
      );
      await mesh.namespace(namespace);
      const plan = await mesh.plan(namespace, credentials);
      expect(decisionsOf(plan)).toEqual({ 'Deployment/refused': DENIED, 'Deployment/fine': RESTART });
      const refused = planned(plan.workloads, 'Deployment/refused');
      expect(refused?.message).toContain('excludeInterfaces');
      expect(refused?.pods).toHaveLength(1);
      if (asksInjector) {
        expect(await runRemedy(refused?.remedy ?? '', kubeconfig())).toContain('excludeInterfaces');
      }
      expect(await mesh.touches(namespace, credentials)).toEqual(['Deployment/fine']);
      expect(await mesh.touches(namespace, credentials)).toEqual([]);
    },
    4 * MINUTES,
  );

  it.each([
    ['those that delete a pod before they create one are restarted', 'full', true],
    ['none is restarted with credentials that may not ask the injector alone', 'full-too', false],
  ])(
    'in a namespace whose quota is used up: %s',
    async (_, namespace, asksInjector) => {
      const credentials = { kubeconfig: await mesh.credentials(namespace, asksInjector) };
      await mesh.namespace(namespace);
      const rolling = (maxSurge: number, maxUnavailable: number) => ({
        spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } } },
      });
      await mesh.run(
        namespace,
        4,
        workload('apps/v1', 'StatefulSet', 'ledger', { namespace, spec: { serviceName: 'ledger' } }),
        deployment('web', { namespace, ...rolling(0, 1) }),
        deployment('again', { namespace, spec: { strategy: { type: 'Recreate' } } }),
        deployment('surging', { namespace, ...rolling(1, 0) }),
      );
      const metadata = { name: 'pods', namespace };
      const quota: ObjectReference & { spec: object } = {
        ...{ apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec: { hard: { pods: '4' } } },
      };
      await mesh.client.apply(quota);
      const isUsedUp = (object: KubeObject | undefined) =>
        (object?.status as { readonly used?: { readonly pods?: string } } | undefined)?.used?.pods === '4';
      await mesh.client.waitFor(quota, isUsedUp);

      await mesh.outdate();
      const makesRoom = asksInjector ? RESTART : DENIED;
      const plan = await mesh.plan(namespace, credentials);
      expect(decisionsOf(plan)).toEqual({
        'StatefulSet/ledger': makesRoom,
        'Deployment/web': makesRoom,
        'Deployment/again': makesRoom,
        'Deployment/surging': DENIED,
      });
      expect(planned(plan.workloads, 'Deployment/surging')?.message).toContain('exceeded quota');
      expect(plan.notes?.length).toBe(asksInjector ? undefined : 1);
      const { touched } = await mesh.restart(namespace, { ...credentials, maxConcurrent: 1 });
      expect(touched).toEqual(asksInjector ? ['Deployment/again', 'Deployment/web', 'StatefulSet/ledger'] : []);
      expect(await mesh.touches(namespace, credentials)).toEqual([]);
    },
    5 * MINUTES,
  );

  it.each<[string, string, (namespace: string) => ObjectReference, (object: KubeObject | undefined) => boolean]>([
    [
      'a Deployment',
      'aged',
      (namespace) => deployment('aged', { namespace, spec: { replicas: 1, progressDeadlineSeconds: 5 } }),
      (object) => JSON.stringify(object?.status ?? {}).includes('ProgressDeadlineExceeded'),
    ],
    [
      'a StatefulSet',
      'aged-too',
      (namespace) =>
        workload('apps/v1', 'StatefulSet', 'aged', { namespace, spec: { replicas: 2, serviceName: 'aged' } }),
      (object) => {
        const { readyReplicas, updatedReplicas } = (object?.status ?? {}) as Record<string, unknown>;
        return readyReplicas === 1 && updatedReplicas === 1;
      },
    ],
  ])(
    'since before the run, here %s, fail the run, and no other workload waits for them',
    async (_, namespace, make, hasFailed) => {
      await mesh.namespace(namespace);
      const aged = make(namespace);
      await mesh.run(namespace, aged.kind === 'Deployment' ? 2 : 3, aged, deployment('beta', { namespace }));
      const broken = { metadata: { annotations: { [troubleAnnotation]: 'image-pull' } } };
      await mesh.client.patch(aged, { spec: { template: broken } });
      await mesh.client.waitFor(aged, hasFailed, { timeoutSeconds: 90 });

      await mesh.outdate();
      const options = { maxConcurrent: 1, timeoutSeconds: 40, stuckSeconds: 8 };
      const before = await mesh.cluster.workloads([namespace]);
      const failure = await failureOf(mesh.restart(namespace, options));
      expect(failure).toMatchObject({ code: 'RolloutFailed', message: expect.stringContaining('aged') as string });
      const between = await mesh.cluster.workloads([namespace]);
      expect(rolledBetween(before, between)).toContain(`Deployment/${namespace}/beta`);
      await until(async () => (await mesh.decisions(namespace))['Deployment/beta'] === CURRENT, 'beta being current');

      const { workloads } = await mesh.plan(namespace);
      const found = planned(workloads, `${aged.kind}/aged`);
      expect([found?.decision, found?.reason]).toEqual(['wait', 'RollingOut']);
      expect(await failureOf(mesh.restart(namespace, options))).toMatchObject({ code: 'RolloutFailed' });
      expect(rolledBetween(between, await mesh.cluster.workloads([namespace]))).toEqual([]);
    },
    5 * MINUTES,
  );

  it.each([
    ['as long as nothing else has changed', 'accounts', {}, CURRENT],
    ['and keep nobody else from a restart', 'accounts-too', MORE_CPU, RESTART],
  ])(
    'without their ServiceAccount are undetermined, with the reason, %s',
    async (_, namespace, change, ofOthers) => {
      await mesh.namespace(namespace);
      const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'tally', namespace } };
      await mesh.client.apply(account);
      const podSpec = { serviceAccountName: 'tally' };
      await mesh.run(namespace, 2, deployment('tally', { namespace, podSpec }), deployment('other', { namespace }));
      await mesh.client.delete(account);
      const path = `/api/v1/namespaces/${namespace}/pods?dryRun=All`;
      const isRefused = () =>
        mesh.client.raw('POST', path, pod('any', { namespace, podSpec })).then(
          () => false,
          () => true,
        );
      await until(isRefused, 'the deletion of the account being known to admission');
      await mesh.configure(change);

      const plan = await mesh.plan(namespace);
      expect(decisionsOf(plan)).toEqual({ 'Deployment/tally': DENIED, 'Deployment/other': ofOthers });
      expect(planned(plan.workloads, 'Deployment/tally')?.message).toContain('serviceaccount "tally" not found');
      expect(await mesh.touches(namespace)).toEqual(ofOthers === RESTART ? ['Deployment/other'] : []);
      expect(await mesh.touches(namespace)).toEqual([]);
    },
    4 * MINUTES,
  );
});
