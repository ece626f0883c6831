import { join } from 'node:path';
import { PulumiWorkspace, type PulumiWorkspaceOptions } from '../control-plane/pulumi-workspace';
import type { MeshCluster } from '../e2e/mesh-cluster';

/** A stack of the program `options` for a cluster, in a state of its own. */
export async function optionsWorkspace(
  { controlPlane }: MeshCluster,
  stack: string,
  options: Pick<PulumiWorkspaceOptions, 'checkpoints'> = {},
): Promise<PulumiWorkspace> {
  const workspace = await PulumiWorkspace.create({
    project: join(__dirname, 'programs', 'options'),
    state: join(controlPlane.directory, 'pulumi', stack),
    home: join(controlPlane.directory, 'pulumi', 'home'),
    env: controlPlane.env(),
    ...options,
  });
  await workspace.init(stack);
  return workspace;
}
