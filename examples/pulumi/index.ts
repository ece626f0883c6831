import { Chart } from 'cdk8s';
import * as pulumi from '@pulumi/pulumi';
import { IstioCharts, IstioModule, MeshNamespace, NamespaceOwnership } from 'istio-module';
import { MeshDeployment } from 'istio-module/pulumi';

const config = new pulumi.Config();
const version = config.require('version');
const folder = config.get('charts');

const mesh = new MeshDeployment('mesh', {
  chart: (app) => {
    const chart = new Chart(app, 'mesh');
    new IstioModule(chart, 'istio', {
      version,
      charts: folder ? IstioCharts.directory(folder) : IstioCharts.official(),
    });
    new MeshNamespace(chart, 'shop', { name: 'shop', ownership: NamespaceOwnership.ADOPT });
    return chart;
  },
  // A failed rollout does not stop the others. The error names it.
  restart: { maxConcurrent: 5, onFailure: 'continue' },
});

export const counts = mesh.restart.counts;
export const byHand = mesh.restart.warnings.apply((warnings) => warnings.map(({ remedy }) => remedy));
