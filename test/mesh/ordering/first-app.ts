import { ApiObject, Chart } from 'cdk8s';
import {
  Destination,
  InstallationStage,
  IstioModule,
  MeshNamespace,
  NamespaceOwnership,
  OrderedApp,
  SidecarInjection,
  StrictPeerAuthentication,
  TrafficPolicy,
  type IstioModuleProps,
  type Ordering,
} from 'istio-module';
import { smallDeployment } from '../../e2e/small-deployment';

export interface FirstAppOptions {
  readonly outdir: string;

  /** Where the charts come from. */
  readonly charts: Pick<IstioModuleProps, 'charts' | 'helmExecutable'>;

  /** Whether a Job of the app restarts the workloads that existed before. */
  readonly restartJob: boolean;
}

/** An app for a cluster without Istio, in two Charts, the first of which needs the second one. */
export function firstApp(ordering: Ordering, { outdir, charts, restartJob }: FirstAppOptions): OrderedApp {
  const app = new OrderedApp({ ordering, outdir });
  workloads(new Chart(app, 'shop'));
  const mesh = new Chart(app, 'mesh');
  new IstioModule(mesh, 'istio', { version: '1.31.1', ingressGateways: [{ name: 'public' }], ...charts });
  if (restartJob) InstallationStage.RESTART.add(job(mesh));
  return app;
}

function workloads(chart: Chart): void {
  // The namespace already exists, with Deployments in it.
  const shop = new MeshNamespace(chart, 'shop', { name: 'shop', ownership: NamespaceOwnership.ADOPT });
  new MeshNamespace(chart, 'legacy', { name: 'legacy', injection: SidecarInjection.DISABLED });
  new StrictPeerAuthentication(chart, 'db', { namespace: shop, workload: { app: 'db' } });
  new TrafficPolicy(chart, 'cart', {
    namespace: shop,
    host: 'cart',
    subsets: { v1: { version: 'v1' } },
    routes: [{ to: [Destination.subset('v1')] }],
  });
  new ApiObject(chart, 'payments', smallDeployment('payments', 'shop'));
  const metadata = { name: 'settings', namespace: 'istio-system' };
  new ApiObject(chart, 'settings', { apiVersion: 'v1', kind: 'ConfigMap', metadata });
}

function job(chart: Chart): ApiObject {
  const labels = { 'sidecar.istio.io/inject': 'false' };
  const containers = [{ name: 'restart', image: 'registry.example.com/istio-module' }];
  return new ApiObject(chart, 'restart', {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'restart-sidecars', namespace: 'istio-system' },
    spec: { template: { metadata: { labels }, spec: { restartPolicy: 'Never', containers } } },
  });
}
