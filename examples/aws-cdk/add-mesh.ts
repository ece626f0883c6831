import { KubernetesObjectValue, type ICluster } from 'aws-cdk-lib/aws-eks';
import type { Chart } from 'cdk8s';
import type { Construct, IDependable } from 'constructs';

interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

/** Adds a chart that contains an IstioModule. Everything that needs the mesh must depend on the result. */
export function addMesh(stack: Construct, cluster: ICluster, chart: Chart): IDependable {
  const objects = chart.toJson() as KubernetesObject[];
  const isCrd = ({ kind }: KubernetesObject) => kind === 'CustomResourceDefinition';
  const isPolicy = ({ apiVersion }: KubernetesObject) => apiVersion.includes('istio.io/');

  // One manifest per CRD, because all of them together are too large for one.
  const crds = objects.filter(isCrd).map((crd) => cluster.addManifest(crd.metadata.name, crd));
  const plain = objects.filter((object) => !isCrd(object) && !isPolicy(object));
  const controlPlane = cluster.addManifest('istio', ...plain);
  controlPlane.node.addDependency(...crds);

  // kubectl does not wait. The webhooks answer once istiod has set their certificate authority.
  const ready = new KubernetesObjectValue(stack, 'istio-ready', {
    cluster,
    objectType: 'validatingwebhookconfiguration',
    objectName: 'istio-validator-istio-system',
    jsonPath: '.webhooks[?(@.clientConfig.caBundle)].name',
  });
  ready.node.addDependency(controlPlane);
  const policies = cluster.addManifest('istio-policies', ...objects.filter(isPolicy));
  policies.node.addDependency(ready);
  return policies;
}
