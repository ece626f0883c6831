import { Deployment, type Service } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { Routes, TrafficPolicy, type MeshNamespace } from 'istio-module';

/** A construct as a platform team would offer it: a workload, its Service and its traffic policy in one. */
export class MeshService extends Construct {
  readonly service: Service;

  constructor(scope: Construct, id: string, namespace: MeshNamespace) {
    super(scope, id);
    const metadata = { name: id, namespace: namespace.name };
    const deployment = new Deployment(this, 'deployment', { metadata, containers: [{ image: id, portNumber: 8080 }] });
    this.service = deployment.exposeViaService({ name: id });
    new TrafficPolicy(this, id, {
      namespace,
      host: this.service,
      subsets: { v1: { version: 'v1' }, v2: { version: 'v2' } },
      routes: Routes.abTest({ header: 'x-cohort', variants: { beta: 'v2' }, otherwise: 'v1' }),
    });
  }
}
