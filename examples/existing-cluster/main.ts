import { App, Chart } from 'cdk8s';
import {
  ExistingIstio,
  MeshNamespace,
  MutualTls,
  NamespaceOwnership,
  PeerAuthentication,
  StrictPeerAuthentication,
} from 'istio-module';

/** The migration step of the namespaces `shop` and `payments`. Raise it by one at a time, and apply each step. */
const STEP = Number(process.env.STEP ?? '1');

const app = new App();
const chart = new Chart(app, 'mesh');
new ExistingIstio(chart, 'istio');

const [shop, payments] = ['shop', 'payments'].map(
  (name) =>
    new MeshNamespace(chart, name, {
      name,
      ownership: NamespaceOwnership.ADOPT,
      // Step 1: the namespaces are labeled, but nothing restarts yet.
      annotations: STEP === 1 ? { 'istio-module/restart': 'disabled' } : {},
    }),
);

// Steps 1 and 2: workloads with and without a sidecar call each other.
// Step 3: payments accepts mutual TLS only. Step 4: shop does, too.
if (STEP < 4) {
  new PeerAuthentication(chart, 'shop-permissive', { namespace: shop, mode: MutualTls.PERMISSIVE });
} else {
  new StrictPeerAuthentication(chart, 'shop-strict', { namespace: shop });
}
if (STEP < 3) {
  new PeerAuthentication(chart, 'payments-permissive', { namespace: payments, mode: MutualTls.PERMISSIVE });
} else {
  new StrictPeerAuthentication(chart, 'payments-strict', { namespace: payments });
}
app.synth();
