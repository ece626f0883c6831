import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Yaml } from 'cdk8s';
import { AccessLog, IstioCharts, Tracing, type IstioModuleProps, type NetworkPolicies } from 'istio-module';
import { parse } from 'yaml';
import { programs, type Programs } from '../../control-plane/programs';
import { EVERY_INSTALLATION_OPTION } from './every-installation-option';
import { emptyChart, fakeModule, named, synthesized, title, type Manifest } from '../synthesis';

const run = promisify(execFile);
const ONE_CPU = { requests: { cpu: '1' }, limits: { cpu: '1' } };

interface IngressRule {
  readonly from?: readonly object[];
  readonly ports: readonly { readonly port: number }[];
}

/** The quantities in all `requests` and `limits` of a document. */
function quantities(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
    key === 'requests' || key === 'limits'
      ? Object.values((inner ?? {}) as Record<string, unknown>)
      : quantities(inner),
  );
}

function injectorValues(manifests: readonly Manifest[]): {
  readonly global: { readonly proxy: { readonly resources: unknown }; readonly waypoint: unknown };
} {
  return JSON.parse(named(manifests, 'ConfigMap/istio-system/istio-sidecar-injector').data?.values ?? '') as ReturnType<
    typeof injectorValues
  >;
}

describe('IstioModule, with the real helm and charts', () => {
  let found: Programs;
  beforeAll(async () => {
    found = await programs();
  }, 1_800_000);

  const real = () => ({ helmExecutable: found.helm, charts: IstioCharts.directory(found.istioCharts) });

  test('configures the injector with nothing but strings for quantities', () => {
    const chart = emptyChart();
    fakeModule(chart, {
      ...real(),
      proxy: { resources: { requests: { cpu: '1', memory: '1e9' }, limits: { cpu: '2', memory: '2e9' } } },
      values: { istiod: { global: { waypoint: { resources: { requests: { cpu: 1 }, limits: { cpu: 3 } } } } } },
    });
    const values = injectorValues(synthesized(chart));
    expect(values.global.proxy.resources).toEqual({
      requests: { cpu: '1', memory: '1e9' },
      limits: { cpu: '2', memory: '2e9' },
    });
    const all = quantities(values);
    expect(all.length).toBeGreaterThanOrEqual(8);
    expect(all.filter((quantity) => typeof quantity !== 'string')).toEqual([]);
  });

  test('says that the charts do not support a compatibility version that is too old', () => {
    expect(() => fakeModule(emptyChart(), { ...real(), compatibilityVersion: '1.20' })).toThrow(
      /^IstioModule mesh\/istio: chart istiod of Istio 1\.31\.1 does not accept these values \(.*unknown compatibility version 1\.20.*\); change the props, or values\.istiod$/,
    );
  });

  test('configures the mesh and the images', () => {
    const chart = emptyChart();
    const istio = fakeModule(chart, {
      ...real(),
      tracing: Tracing.otlp({ service: 'collector.telemetry.svc.cluster.local', port: 4317 }),
      defaultConfig: { concurrency: 2 },
      accessLogFile: '/dev/stdout',
      istiod: { resources: { requests: { cpu: '250m', memory: '512Mi' } }, replicas: 2 },
      ingressGateways: [{ name: 'ingress', serviceType: 'ClusterIP' }],
    });
    const manifests = synthesized(chart);
    const mesh = named(manifests, 'ConfigMap/istio-system/istio').data?.mesh ?? '';
    expect(mesh).toContain('accessLogFile: /dev/stdout');
    expect(mesh).toContain('concurrency: 2');
    expect(mesh).toContain('holdApplicationUntilProxyStarts: true');
    expect(mesh).toContain('imageType: distroless');
    expect(mesh).toContain('name: otlp-tracing');
    expect(named(manifests, 'Deployment/istio-system/istiod').spec).toMatchObject({
      replicas: 2,
      template: {
        spec: {
          containers: [
            {
              image: 'docker.io/istio/pilot:1.31.1-distroless',
              resources: { requests: { cpu: '250m', memory: '512Mi' } },
            },
          ],
        },
      },
    });
    expect(named(manifests, 'DaemonSet/istio-system/istio-cni-node').spec).toMatchObject({
      template: { spec: { containers: [{ image: 'docker.io/istio/install-cni:1.31.1-distroless' }] } },
    });
    expect(named(manifests, 'Service/istio-system/ingress').spec).toMatchObject({ type: 'ClusterIP' });
    expect(istio.istiod.apiObjects.length).toBeGreaterThan(10);
  });

  test('changes nothing that is injected into pods when access logs change', () => {
    const rendered = (props: Partial<IstioModuleProps>) => {
      const chart = emptyChart();
      fakeModule(chart, { ...real(), ...props });
      return synthesized(chart);
    };
    const before = rendered({});
    const after = rendered({ accessLogs: [AccessLog.envoyFile({ filter: 'response.code >= 500' })] });
    const known = new Map(before.map((manifest) => [title(manifest), manifest]));
    const changed = after.filter((manifest) => JSON.stringify(manifest) !== JSON.stringify(known.get(title(manifest))));
    // The ConfigMap `values` is a record of the values of the chart; the injector reads istio-sidecar-injector.
    expect(changed.map(title)).toEqual([
      'ConfigMap/istio-system/values',
      'ConfigMap/istio-system/istio',
      'Telemetry/istio-system/mesh-default',
    ]);
    const defaultConfig = (manifests: readonly Manifest[]) => {
      const { mesh = '' } = named(manifests, 'ConfigMap/istio-system/istio').data ?? {};
      return (parse(mesh) as { readonly defaultConfig: unknown }).defaultConfig;
    };
    expect(defaultConfig(before)).toMatchObject({ holdApplicationUntilProxyStarts: true });
    expect(defaultConfig(after)).toEqual(defaultConfig(before));
  });

  test('leaves out the fields of every webhook that istiod sets', () => {
    const chart = emptyChart();
    fakeModule(chart, real());
    const webhooks = synthesized(chart).flatMap((manifest) => manifest.webhooks ?? []);
    expect(webhooks.length).toBeGreaterThanOrEqual(6);
    for (const { clientConfig, failurePolicy } of webhooks) {
      expect(failurePolicy).toBeUndefined();
      expect(clientConfig).toHaveProperty('service');
      expect(clientConfig).not.toHaveProperty('caBundle');
    }
  });

  test('writes every quantity of a workload as a string', () => {
    const chart = emptyChart();
    fakeModule(chart, {
      ...real(),
      ...EVERY_INSTALLATION_OPTION,
      ingressGateways: [{ name: 'a', resources: ONE_CPU }],
    });
    const workloads = synthesized(chart).filter(({ kind }) => kind === 'Deployment' || kind === 'DaemonSet');
    const all = workloads.flatMap(({ spec }) => quantities(spec));
    expect(all).toEqual(expect.arrayContaining(['1', '2', '4000000000', '1000000000']));
    expect(all.filter((quantity) => typeof quantity !== 'string')).toEqual([]);
  });

  test('lets metrics be read from where they are meant to, and nothing else of the charts change', () => {
    const rendered = (networkPolicies: NetworkPolicies) => {
      const chart = emptyChart();
      fakeModule(chart, { ...real(), networkPolicies, egressGateways: [{ name: 'exit' }] });
      return synthesized(chart).filter(({ kind }) => kind === 'NetworkPolicy');
    };
    const portsOf = (policies: readonly Manifest[], of: (rule: IngressRule) => boolean) =>
      policies.map(({ metadata, spec }) => [
        metadata.name,
        ((spec?.ingress ?? []) as IngressRule[]).filter(of).flatMap(({ ports }) => ports.map(({ port }) => port)),
      ]);
    const [open, held] = [rendered({}), rendered({ metricsFrom: ['monitoring'] })];
    expect(portsOf(open, ({ from }) => from === undefined)).toEqual([
      ['istiod', [15017, 15010, 15011, 15012, 8080, 15014]],
      ['istio-cni', [15014, 8000]],
      ['exit', [15021, 15020, 15090, 15021, 80, 443]],
      ['default-deny', []],
    ]);
    expect(portsOf(held, ({ from }) => from === undefined)).toEqual([
      ['istiod', [15017, 15010, 15011, 15012, 8080]],
      ['istio-cni', [8000]],
      ['exit', [15021, 15021, 80, 443]],
      ['default-deny', []],
    ]);
    expect(portsOf(held, ({ from }) => from !== undefined)).toEqual([
      ['istiod', [15014]],
      ['istio-cni', [15014]],
      ['exit', [15020, 15090]],
      ['default-deny', []],
    ]);
  });

  test('says which values a chart does not take', () => {
    expect(() =>
      fakeModule(emptyChart(), { ...real(), ingressGateways: [{ name: 'ingress', values: { replicas: 2 } }] }),
    ).toThrow(
      /^IstioModule mesh\/istio: chart gateway of Istio 1\.31\.1 does not accept these values \(.*replicas.*\); change the props, or values\.gateway$/,
    );
  });

  describe('npm run synth', () => {
    let directory: string;
    beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'istio-module-synth-'))));
    afterEach(() => {
      rmSync(directory, { recursive: true });
    });

    const synth = (environment: NodeJS.ProcessEnv) =>
      run(process.execPath, ['--import', 'tsx', 'stacks/synth.ts'], {
        env: { ...process.env, CDK8S_OUTDIR: directory, ...environment },
      });

    test('writes the worked example, with what needs the webhooks behind them', async () => {
      const PATH = [dirname(found.helm), process.env.PATH].join(delimiter);
      await synth({ PATH, ISTIO_CHARTS: found.istioCharts });
      expect(readdirSync(directory)).toEqual(['mesh.k8s.yaml']);
      const titles = (Yaml.load(join(directory, 'mesh.k8s.yaml')) as Manifest[]).map(title);
      const istiod = titles.indexOf('Deployment/istio-system/istiod');
      for (const policy of [
        'VirtualService/shop/reviews',
        'DestinationRule/legacy/no-sidecars',
        'PeerAuthentication/shop/db',
      ]) {
        expect(titles.indexOf(policy)).toBeGreaterThan(istiod);
      }
      expect(titles.indexOf('MutatingWebhookConfiguration/istio-sidecar-injector')).toBeGreaterThan(istiod);
    }, 60_000);

    test('is what the cdk8s CLI runs as well', async () => {
      const PATH = [dirname(found.helm), process.env.PATH].join(delimiter);
      await run('npx', ['cdk8s', 'synth', '--check-upgrade=false', '--output', directory], {
        env: { ...process.env, PATH, ISTIO_CHARTS: found.istioCharts },
      });
      expect(readdirSync(directory)).toEqual(['mesh.k8s.yaml']);
    }, 60_000);

    test('ends with one sentence where there is no helm', async () => {
      const failure = synth({ PATH: directory, ISTIO_CHARTS: found.istioCharts });
      await expect(failure).rejects.toMatchObject({
        code: 1,
        stderr:
          'IstioModule mesh/istio: helm is not on the PATH; install Helm 3 (https://helm.sh) or set the prop helmExecutable\n',
      });
    }, 60_000);
  });
});
