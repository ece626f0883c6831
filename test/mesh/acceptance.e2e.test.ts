import { ApiObject } from 'cdk8s';
import { PodSecurityLevel } from 'istio-module';
import { isOfIstio } from '../control-plane/apply-in-order';
import { until, type KubeClient } from '../control-plane/kube-client';
import { MeshCluster } from '../e2e/mesh-cluster';
import { acceptedByApi } from './accepted-by-api';
import { analyzeCluster, idleReasons, mistakes } from './analyze';
import { everyModuleSetting } from './every-module-setting';
import { everyPolicy } from './every-policy';
import { everyService } from './every-service';
import { everyControlPlane } from './installation/every-installation-option';
import { namespaceThatEnforces } from './namespaces/pod-security-admission';
import { ACCEPTED_SCHEDULES, REFUSED_SCHEDULES } from './restarter/cron-schedules';
import { restrictedRestarter, scheduleRefusal } from './restarter/restarter-admission';
import { emptyChart, fakeModule, synthesized, title, type Manifest } from './synthesis';

describe('what is synthesized, on a real API server and istiod', () => {
  let cluster: MeshCluster;
  let client: KubeClient;
  beforeAll(async () => {
    cluster = await MeshCluster.start({ seed: false });
    ({ client } = cluster);
  }, 1_800_000);
  afterAll(async () => {
    await cluster.stop();
  });

  const applied = (manifest: Manifest) => acceptedByApi(client, manifest);

  test('is accepted, in its order, with strict field validation and by the validating webhook', async () => {
    const chart = emptyChart();
    everyPolicy(chart);
    const props = everyModuleSetting(cluster.controlPlane.programs);
    everyControlPlane(chart, fakeModule(chart, props), props);
    const manifests = synthesized(chart);
    const policyAt = manifests.findIndex(isOfIstio);
    for (const manifest of manifests.slice(0, policyAt)) await applied(manifest);
    await cluster.istiod.ready();
    for (const manifest of manifests.slice(policyAt)) await applied(manifest);
    expect(manifests.slice(policyAt).map(title)).toEqual(
      expect.arrayContaining([
        'VirtualService/shop/reviews',
        'Telemetry/istio-system/mesh-default',
        'Telemetry/shop/db-telemetry',
      ]),
    );
  }, 120_000);

  test('has no messages of istioctl analyze, except for those about what is intended', async () => {
    const chart = emptyChart();
    everyService(chart);
    for (const manifest of synthesized(chart)) await applied(manifest);
    let found: string[] = [];
    const settled = async (): Promise<boolean> => {
      found = await analyzeCluster(cluster.controlPlane.programs.istioctl, cluster.controlPlane.kubeconfig);
      return mistakes(found).length === 0;
    };
    // Pods of gateways take a moment to appear; the assertion below shows what is left after that.
    await until(settled, 'istioctl analyze is content').catch(() => undefined);
    expect({ mistakes: mistakes(found), idleReasons: idleReasons(found) }).toEqual({ mistakes: [], idleReasons: [] });
  }, 120_000);

  test('admits hardened pods with their sidecars, by Pod Security', async () => {
    const baseline = await namespaceThatEnforces(client, PodSecurityLevel.BASELINE);
    const restricted = await namespaceThatEnforces(client, PodSecurityLevel.RESTRICTED);
    const admitted = ['istio-validation', 'istio-proxy', 'app'];
    expect(await baseline('container')).toEqual(admitted);
    expect(await restricted('pod')).toEqual(admitted);
    expect(await restricted('container')).toEqual([expect.stringContaining('seccompProfile')]);
    expect(await restrictedRestarter(client)).toEqual(['restart']);
  }, 60_000);

  test.each(ACCEPTED_SCHEDULES)('accepts a CronJob at %s', async (cron) => {
    expect(await scheduleRefusal(client, cron)).toBeUndefined();
  });

  test.each(REFUSED_SCHEDULES)('refuses a CronJob at %j', async (cron) => {
    expect(await scheduleRefusal(client, cron)).toContain('spec.schedule');
  });

  test('is refused by the validating webhook when the escape hatch breaks it', async () => {
    const chart = emptyChart();
    new ApiObject(chart, 'broken', {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'broken', namespace: 'shop' },
      spec: {
        hosts: ['reviews'],
        http: [{ route: [{ destination: { host: 'reviews' }, weight: 70 }], retries: { attempts: 0, retryOn: '5xx' } }],
      },
    });
    const [broken] = synthesized(chart);
    await expect(client.apply(broken as Manifest)).rejects.toThrow(
      'http retry policy configured when attempts are set to 0',
    );
  });
});
