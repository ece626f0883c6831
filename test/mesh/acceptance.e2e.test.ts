import { ApiObject } from 'cdk8s';
import {
  AccessLog,
  AccessLogFormat,
  CustomTag,
  IstioCharts,
  IstioMetric,
  Tracing,
  type IstioModuleProps,
} from 'istio-module';
import { ControlPlane } from '../control-plane/control-plane';
import { Istiod } from '../control-plane/istiod';
import type { KubeClient } from '../control-plane/kube-client';
import { acceptedByApi } from './accepted-by-api';
import { COLLECTOR, JSON_LOG, OTLP_OVER_HTTP, everyPolicy } from './every-policy';
import { EVERY_INSTALLATION_OPTION, everyControlPlane } from './installation/every-installation-option';
import { emptyChart, fakeModule, synthesized, title, type Manifest } from './synthesis';

describe('what is synthesized, on a real API server and istiod', () => {
  let controlPlane: ControlPlane;
  let istiod: Istiod;
  let client: KubeClient;
  beforeAll(async () => {
    controlPlane = await ControlPlane.start();
    istiod = await Istiod.follow(controlPlane);
    client = await controlPlane.connect();
  }, 1_800_000);
  afterAll(async () => {
    client.close();
    await istiod.unfollow();
    await controlPlane.stop();
  });

  const applied = (manifest: Manifest) => acceptedByApi(client, manifest);

  test('is accepted, in its order, with strict field validation and by the validating webhook', async () => {
    const chart = emptyChart();
    everyPolicy(chart);
    const props = everythingInAModule(controlPlane, istiod);
    everyControlPlane(chart, fakeModule(chart, props), props);
    const manifests = synthesized(chart);
    const policyAt = manifests.findIndex(({ apiVersion }) => apiVersion.includes('.istio.io/'));
    for (const manifest of manifests.slice(0, policyAt)) await applied(manifest);
    await istiod.ready();
    for (const manifest of manifests.slice(policyAt)) await applied(manifest);
    expect(manifests.slice(policyAt).map(title)).toEqual(
      expect.arrayContaining([
        'VirtualService/shop/reviews',
        'Telemetry/istio-system/mesh-default',
        'Telemetry/shop/db-telemetry',
      ]),
    );
  }, 120_000);

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

function everythingInAModule({ programs }: ControlPlane, { chartValues }: Istiod): Partial<IstioModuleProps> {
  return {
    helmExecutable: programs.helm,
    charts: IstioCharts.directory(programs.istioCharts),
    tracing: Tracing.otlp({ ...COLLECTOR, samplingPercent: 1, customTags: { mesh: CustomTag.literal('one') } }),
    accessLogs: [
      AccessLog.envoyFile({ format: AccessLogFormat.text('%START_TIME(%Y-%m-%d)% %REQ(:PATH)%'), filter: 'true' }),
      AccessLog.openTelemetry({ ...COLLECTOR, logName: 'mesh', body: '%PROTOCOL%', attributes: { a: '%DURATION%' } }),
    ],
    metrics: { merge: true, overrides: [{ metric: IstioMetric.REQUEST_SIZE, disabled: true }] },
    telemetryProviders: [OTLP_OVER_HTTP, JSON_LOG],
    ...EVERY_INSTALLATION_OPTION,
    values: { base: { base: chartValues.base }, istiod: { ...chartValues } },
  };
}
