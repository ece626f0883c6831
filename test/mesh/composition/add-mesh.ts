import { KubernetesObjectValue, type ICluster } from 'aws-cdk-lib/aws-eks';
import type { Chart } from 'cdk8s';
import type { Construct, IDependable } from 'constructs';

interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

/** Adds a chart with an IstioModule in it; what needs the mesh depends on what this returns. */
export function addMesh(stack: Construct, cluster: ICluster, chart: Chart): IDependable {
  const objects: KubernetesObject[] = chart.toJson();
  const isCrd = ({ kind }: KubernetesObject) => kind === 'CustomResourceDefinition';
  const isPolicy = ({ apiVersion }: KubernetesObject) => apiVersion.includes('istio.io/');

  // A manifest for each CRD, for all of them are too large for one.
  const crds = objects.filter(isCrd).map((crd) => cluster.addManifest(crd.metadata.name, crd));
  const plain = objects.filter((object) => !isCrd(object) && !isPolicy(object));
  const controlPlane = cluster.addManifest('istio', ...plain);
  controlPlane.node.addDependency(...crds);

  // kubectl waits for nothing; the webhooks answer once istiod has filled in their certificate authority.
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
