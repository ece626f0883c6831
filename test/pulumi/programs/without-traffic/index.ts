/**
 * The worked example, with its configuration, but without its traffic policy and the namespace without sidecars: so it
 * does not need the largest CRDs, which are most of what an update of the whole chart has to compare.
 */
import * as pulumi from '@pulumi/pulumi';
import { IstioCharts, NamespaceOwnership, type ProxyConfig } from 'istio-module';
import { MeshDeployment, type RestartArgs } from 'istio-module/pulumi';
import { MeshChart, type MeshChartProps } from '../../../../stacks/mesh-chart';
import { withoutCrds } from '../without-crds';

const LARGE_CRDS = ['destinationrules', 'sidecars', 'workloadgroups', 'serviceentries', 'gateways'];
const config = new pulumi.Config();

const mesh = new MeshDeployment('mesh', {
  kubeconfig: config.get('kubeconfig'),
  allowDowngrade: config.getBoolean('allowDowngrade'),
  restart: config.getObject<RestartArgs>('restart'),
  chart: (app) => {
    const chart = new MeshChart(app, 'mesh', {
      version: config.require('version'),
      charts: IstioCharts.directory(config.require('charts')),
      defaultConfig: config.getObject<ProxyConfig>('defaultConfig'),
      values: {
        ...withoutCrds(...LARGE_CRDS.map((name) => `${name}.networking.istio.io`)),
        ...config.getObject<MeshChartProps['values']>('values'),
      },
      ownership: config.get('ownership') === 'adopt' ? NamespaceOwnership.ADOPT : NamespaceOwnership.CREATE,
    });
    // Only these two have a DestinationRule.
    chart.node.tryRemoveChild('reviews');
    chart.node.tryRemoveChild('legacy');
    return chart;
  },
});

export const { restarted, warnings, counts } = mesh.restart;
