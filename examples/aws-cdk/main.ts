import { App, Stack } from 'aws-cdk-lib';
import { Cluster } from 'aws-cdk-lib/aws-eks';
import { LayerVersion } from 'aws-cdk-lib/aws-lambda';
import { App as Cdk8sApp, Chart } from 'cdk8s';
import { IstioCharts, IstioModule, MeshNamespace, StrictPeerAuthentication } from 'istio-module';
import { addMesh } from './add-mesh';

const app = new App({ outdir: 'cdk.out' });
const stack = new Stack(app, 'mesh');
const cluster = Cluster.fromClusterAttributes(stack, 'cluster', {
  clusterName: 'production',
  kubectlRoleArn: 'arn:aws:iam::111122223333:role/kubectl',
  kubectlLayer: LayerVersion.fromLayerVersionArn(
    stack,
    'kubectl',
    'arn:aws:lambda:eu-central-1:111122223333:layer:kubectl:1',
  ),
});

// A Chart below a Stack cannot be synthesized, so the charts are in a separate App of cdk8s.
const charts = new Cdk8sApp();
const mesh = new Chart(charts, 'mesh');
const folder = process.env.ISTIO_CHARTS;
new IstioModule(mesh, 'istio', {
  version: '1.31.1',
  charts: folder ? IstioCharts.directory(folder) : IstioCharts.official(),
});
new MeshNamespace(mesh, 'shop', { name: 'shop' });
const installed = addMesh(stack, cluster, mesh);

const policies = new Chart(charts, 'policies');
new StrictPeerAuthentication(policies, 'payments', { namespace: 'payments' });
cluster.addCdk8sChart('policies', policies).node.addDependency(installed);

app.synth();
