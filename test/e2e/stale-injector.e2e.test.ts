import { rmSync } from 'node:fs';
import type { ProxyConfig } from 'istio-module';
import { eventLines, planRestarts, restartWorkloads, type InjectorWait } from 'istio-module/engine';
import type { MeshChartProps } from '../../stacks/mesh-chart';
import { LateConfiguration } from './late-configuration';
import { MeshCluster } from './mesh-cluster';
import { applyInjection, injectionConfigMaps, reconfigure } from './reconfigure';
import { rolledBetween } from './rolled-between';

const MINUTES = 60_000;
const REMEDY =
  "see istiod's log for the configuration that it rejected (for example, an unquoted number instead of text, or an unknown field), fix it and run again.";

const behind = (seconds: number, what: string, configured: string, injected: string, more = '') =>
  `After ${String(seconds)} s, the injector of revision default does not use its current configuration yet: ${what} is ${configured} in the ConfigMaps and ${injected} in an injected pod${more}; ${REMEDY}`;

describe('an injector whose configuration comes late', () => {
  const late = new LateConfiguration();
  let cluster: MeshCluster;

  beforeAll(async () => {
    cluster = await MeshCluster.start({ istiod: { configDirectory: late.directory } });
    late.arrive(injectionConfigMaps(cluster));
    await cluster.apply(cluster.chart());
    await restartWorkloads({ kubeconfig: cluster.controlPlane.kubeconfig, injector: { settleSeconds: 0 } });
  }, 10 * MINUTES);

  afterAll(async () => {
    await cluster.stop();
    rmSync(late.directory, { recursive: true });
  }, MINUTES);

  const optionsFor = (injector: InjectorWait) => ({
    kubeconfig: cluster.controlPlane.kubeconfig,
    injector: { settleSeconds: 0, probes: 2, ...injector },
  });

  it.each<[string, Partial<MeshChartProps>, string, string, string]>([
    [
      'an image',
      { version: '1.31.2' },
      'image',
      'docker.io/istio/proxyv2:1.31.2-distroless',
      'docker.io/istio/proxyv2:1.31.1-distroless',
    ],
    ['a resource', { proxyResources: { limits: { cpu: '3' } } }, 'resources.limits.cpu', '3', '2'],
    ['a field of defaultConfig', { defaultConfig: { concurrency: 2 } }, 'defaultConfig.concurrency', '2', '(none)'],
  ])(
    'that never gets %s is named with both values, and nothing is restarted',
    async (_, props, what, configured, injected) => {
      const before = await cluster.workloads();
      await reconfigure(cluster, props);
      await expect(restartWorkloads(optionsFor({ deadlineSeconds: 2 }))).rejects.toMatchObject({
        name: 'RestartError',
        code: 'InjectorOutOfDate',
        message: `${behind(2, what, configured, injected)} Nothing was restarted.`,
      });
      expect(rolledBetween(before, await cluster.workloads())).toEqual([]);
    },
    MINUTES,
  );

  it(
    'that still sets a limit that was removed is reported as behind',
    async () => {
      const proxy = { resources: { limits: { cpu: null } } };
      await reconfigure(cluster, { values: { istiod: { global: { proxy } } } });
      await expect(planRestarts(optionsFor({ deadlineSeconds: 0 }))).rejects.toMatchObject({
        message: behind(0, 'resources.limits.cpu', '(none)', '2'),
      });
    },
    MINUTES,
  );

  it(
    'that has not read many new fields of defaultConfig, or later their removal, is reported as behind on each',
    async () => {
      const defaultConfig: ProxyConfig = {
        concurrency: 0,
        proxyMetadata: { EMPTY: '', SHARD: '7' },
        drainDuration: '1m30s',
        terminationDrainDuration: '25s',
        tracing: { sampling: 12.5 },
        statsCompression: false,
        interceptionMode: 'NONE',
        proxyStatsMatcher: { inclusionRegexps: ['.*a.*'] },
        gatewayTopology: { proxyProtocol: {} },
        privateKeyProvider: { cryptomb: { pollDelay: '10ms' } },
      };
      const plan = () => planRestarts(optionsFor({ deadlineSeconds: 0, probes: 1 }));
      const [former, changed] = [injectionConfigMaps(cluster), injectionConfigMaps(cluster, { defaultConfig })];
      await applyInjection(cluster, changed);
      await expect(plan()).rejects.toMatchObject({
        message: behind(0, 'defaultConfig.concurrency', '0', '(none)', ', and 12 more'),
      });

      late.arrive(changed);
      await planRestarts(optionsFor({ deadlineSeconds: 20 }));
      await applyInjection(cluster, former);
      await expect(plan()).rejects.toMatchObject({
        message: behind(
          0,
          'defaultConfig.proxyMetadata.EXIT_ON_ZERO_ACTIVE_CONNECTIONS',
          'true',
          '(none)',
          ', and 12 more',
        ),
      });

      late.arrive(former);
      await planRestarts(optionsFor({ deadlineSeconds: 20 }));
    },
    MINUTES,
  );

  it(
    'is waited for: nothing is planned before the configuration arrives, and then everything is rolled once',
    async () => {
      const before = await cluster.workloads();
      const props = { defaultConfig: { concurrency: 2 } };
      await reconfigure(cluster, props);
      const told: string[] = [];
      let early: string[] | undefined;
      const arrival = new Promise<void>((resolve) => {
        setTimeout(() => {
          void cluster.workloads().then((views) => {
            early = rolledBetween(before, views);
            late.arrive(injectionConfigMaps(cluster, props));
            resolve();
          });
        }, 15_000);
      });
      const report = await restartWorkloads({
        ...optionsFor({ deadlineSeconds: 60 }),
        onEvent: eventLines((line) => told.push(line)),
      });
      await arrival;
      expect(early).toEqual([]);
      expect(told[0]).toBe(
        'the injector of revision default does not use its current configuration yet: defaultConfig.concurrency is 2 in the ConfigMaps and (none) in an injected pod',
      );
      expect(report.rounds).toBe(1);
      expect(report.restarted.map(({ name }) => name)).toEqual(['agent', 'cart', 'reviews-v1', 'reviews-v2', 'db']);
      expect(report.restarted.map(({ differences }) => differences)).toEqual(
        Array(5).fill([{ path: 'istio-proxy.env.PROXY_CONFIG.concurrency', old: '(none)', new: '2' }]),
      );
    },
    2 * MINUTES,
  );
});

describe('an injector that refuses its configuration', () => {
  let cluster: MeshCluster;

  beforeAll(async () => {
    cluster = await MeshCluster.start();
    await cluster.apply(cluster.chart());
    await restartWorkloads({ kubeconfig: cluster.controlPlane.kubeconfig, injector: { settleSeconds: 0 } });
  }, 10 * MINUTES);

  afterAll(async () => {
    await cluster.stop();
  }, MINUTES);

  /** Writes what the constructs never write: a number in place of a quantity. */
  async function writeNumber(number: number): Promise<void> {
    const [injector] = injectionConfigMaps(cluster).filter(({ data }) => 'values' in data);
    const values = JSON.parse(injector?.data.values ?? '') as {
      global: { proxy: { resources: { requests: Record<string, unknown> } } };
    };
    values.global.proxy.resources.requests.cpu = number;
    await cluster.client.patch(
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'istio-sidecar-injector', namespace: 'istio-system' } },
      { data: { values: JSON.stringify(values) } },
    );
  }

  it(
    'for a number where it wants text keeps the former one, and nothing is restarted',
    async () => {
      const before = await cluster.workloads();
      await writeNumber(1);
      await expect(
        restartWorkloads({
          kubeconfig: cluster.controlPlane.kubeconfig,
          injector: { settleSeconds: 0, deadlineSeconds: 5 },
        }),
      ).rejects.toMatchObject({
        code: 'InjectorOutOfDate',
        message: `${behind(5, 'resources.requests.cpu', '1', '100m')} Nothing was restarted.`,
      });
      expect(rolledBetween(before, await cluster.workloads())).toEqual([]);
    },
    MINUTES,
  );
});
