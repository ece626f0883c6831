import { Chart } from 'cdk8s';
import {
  IstioCharts,
  IstioModule,
  MeshNamespace,
  NamespaceOwnership,
  OrderedApp,
  Ordering,
  RestarterMode,
  SidecarRestarter,
} from 'istio-module';

/** What applies the manifests. */
const ORDERINGS: Readonly<Record<string, () => Ordering>> = {
  'argo-cd': () => Ordering.argoCd(),
  flux: () => Ordering.flux(),
  kubectl: () => Ordering.kubectl(),
};

const applier = process.env.APPLIER ?? 'argo-cd';
const ordering = ORDERINGS[applier];
if (ordering === undefined) {
  throw new Error(`APPLIER is ${applier}; set it to one of ${Object.keys(ORDERINGS).join(', ')}.`);
}

const app = new OrderedApp({ ordering: ordering() });
const chart = new Chart(app, 'mesh');
const folder = process.env.ISTIO_CHARTS;
const istio = new IstioModule(chart, 'istio', {
  version: '1.31.1',
  charts: folder ? IstioCharts.directory(folder) : IstioCharts.official(),
});
for (const name of ['shop', 'payments']) {
  new MeshNamespace(chart, name, { name, ownership: NamespaceOwnership.ADOPT });
}

// The last stage before mutual TLS becomes STRICT: workloads that are out of date restart.
new SidecarRestarter(chart, 'restarter', {
  istio,
  mode: RestarterMode.afterSync(),
  image: process.env.RESTARTER_IMAGE ?? 'registry.example.com/istio-module:0.1.0',
});
app.synth();
