/** The program of `pulumi up`: applies the mesh of mesh-chart.ts, and restarts its outdated workloads. */
import * as pulumi from '@pulumi/pulumi';
import { IstioCharts, NamespaceOwnership, type MeshConfig, type ProxyConfig } from 'istio-module';
import { MeshDeployment, type RestartArgs } from 'istio-module/pulumi';
import { MeshChart, type MeshChartProps } from './mesh-chart';

const config = new pulumi.Config();
const charts = config.get('charts');

const mesh = new MeshDeployment('mesh', {
  kubeconfig: config.get('kubeconfig'),
  context: config.get('context'),
  force: config.getBoolean('force'),
  allowDowngrade: config.getBoolean('allowDowngrade'),
  restart: config.getObject<RestartArgs>('restart'),
  chart: (app) =>
    new MeshChart(app, 'mesh', {
      version: config.get('version') ?? '1.31.1',
      charts: charts === undefined ? IstioCharts.official() : IstioCharts.directory(charts),
      proxyResources: config.getObject<MeshChartProps['proxyResources']>('proxyResources'),
      defaultConfig: config.getObject<ProxyConfig>('defaultConfig'),
      meshConfig: config.getObject<MeshConfig>('meshConfig'),
      namespaces: config.getObject<MeshChartProps['namespaces']>('namespaces'),
      values: config.getObject<MeshChartProps['values']>('values'),
      ownership: config.get('ownership') === 'adopt' ? NamespaceOwnership.ADOPT : NamespaceOwnership.CREATE,
    }),
});

export const { restarted, warnings, skipped, deferred, undetermined, counts } = mesh.restart;
