import * as pulumi from '@pulumi/pulumi';
import { MeshDeployment, type MeshDeploymentArgs } from '../../lib/pulumi/mesh-deployment';

/** A resource that a program registers; it does so once those that it depends on are there. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

/** What a MeshDeployment registers, in its order; by Pulumi's own mocks, without an engine. */
export async function registered(chart: MeshDeploymentArgs['chart']): Promise<Registered[]> {
  const resources: Registered[] = [];
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      resources.push({ type, name, inputs: inputs as Record<string, unknown> });
      return { id: name, state: inputs as object };
    },
    call: ({ inputs }) => inputs as Record<string, unknown>,
  });
  const deployment = new MeshDeployment('mesh', { chart, kubeconfig: 'apiVersion: v1\nkind: Config' });
  await new Promise((resolve) => {
    deployment.restart.urn.apply(resolve);
  });
  return resources;
}
