import type { Chart } from 'cdk8s';
import { MeshNamespace, MutualTls, PeerAuthentication } from 'istio-module';

/** Every mode, for a namespace, workloads and ports. */
export function everyPeerAuthentication(chart: Chart, namespace: MeshNamespace): void {
  const ports = { 1: MutualTls.STRICT, 8080: MutualTls.PERMISSIVE, 65535: MutualTls.DISABLE };
  for (const mode of Object.values(MutualTls)) {
    const id = `peers-${mode.toLowerCase()}`;
    new PeerAuthentication(chart, id, { namespace: new MeshNamespace(chart, `${id}-namespace`, { name: id }), mode });
    new PeerAuthentication(chart, `${id}-workload`, { namespace, workload: { app: id }, mode, ports });
  }
  new PeerAuthentication(chart, 'peers-port', {
    namespace,
    workload: { app: 'inherits', 'example.com/tier': '' },
    ports,
  });
}
