import * as pulumi from '@pulumi/pulumi';
import { MeshDeployment, type MeshDeploymentArgs } from '../../lib/pulumi/mesh-deployment';

/** A resource that a program registers, which happens once the resources that it depends on exist. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

/** What a MeshDeployment registers, in order; this uses Pulumi's own mocks, without an engine. */
export function registered(chart: MeshDeploymentArgs['chart']): Promise<Registered[]> {
  return registeredBy(() => new MeshDeployment('mesh', { chart, kubeconfig: 'apiVersion: v1\nkind: Config' }));
}

/**
 * What a program registers until its MeshDeployment is complete. In a preview, values that are not set are also
 * unknown.
 */
export async function registeredBy(
  program: () => MeshDeployment,
  { preview = false }: { readonly preview?: boolean } = {},
): Promise<Registered[]> {
  const resources: Registered[] = [];
  const mocks: pulumi.runtime.Mocks = {
    newResource: ({ type, name, inputs }) => {
      resources.push({ type, name, inputs: inputs as Record<string, unknown> });
      return { id: `id-of-${name}`, state: inputs as object };
    },
    call: ({ inputs }) => inputs as Record<string, unknown>,
  };
  await pulumi.runtime.setMocks(mocks, 'project', 'stack', preview);
  const { restart } = program();
  await new Promise((resolve) => {
    restart.urn.apply(resolve);
  });
  await pulumi.runtime.disconnect();
  return resources;
}
