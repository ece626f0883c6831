import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { kubernetesProviderVersion } from './program-sources';

const program = 'pulumi-resource-kubernetes';

/**
 * Puts Pulumi's Kubernetes provider where `pulumi plugin install` would put it. If the provider is not on PATH, Pulumi
 * installs the released one.
 *
 * @param home PULUMI_HOME
 */
export function installKubernetesProvider(home: string, env: NodeJS.ProcessEnv): void {
  const found = (env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((path) => existsSync(path));
  if (found === undefined) {
    return;
  }
  const plugin = join(home, 'plugins', `resource-kubernetes-v${kubernetesProviderVersion}`);
  mkdirSync(plugin, { recursive: true });
  rmSync(join(plugin, program), { force: true });
  symlinkSync(found, join(plugin, program));
}
