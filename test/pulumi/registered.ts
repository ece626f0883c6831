import * as pulumi from '@pulumi/pulumi';
import { MeshDeployment, type MeshDeploymentArgs } from '../../lib/pulumi/mesh-deployment';

/** A resource that a program registers; it does so once those that it depends on are there. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

/** What a MeshDeployment registers, in its order; by Pulumi's own mocks, without an engine. */
export function registered(chart: MeshDeploymentArgs['chart']): Promise<Registered[]> {
  return registeredBy(() => new MeshDeployment('mesh', { chart, kubeconfig: 'apiVersion: v1\nkind: Config' }));
}

/** What a program registers until its MeshDeployment is there; in a preview, what is not set is not known either. */
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
