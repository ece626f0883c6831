import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PACKAGED = ['base', 'istio-control/istio-discovery', 'istio-cni', 'gateway'];

/**
 * Packages Istio's charts with helm, as a Helm repository.
 *
 * @returns the folder of the repository, within `folder`
 */
export async function packageCharts(
  folder: string,
  { helm, charts, env }: { readonly helm: string; readonly charts: string; readonly env?: NodeJS.ProcessEnv },
): Promise<string> {
  const packages = join(folder, 'packages');
  mkdirSync(packages);
  const sources = PACKAGED.map((chart) => join(charts, chart));
  await run(helm, ['package', ...sources, '--version', '1.31.1', '--destination', packages], { env });
  await run(helm, ['repo', 'index', packages], { env });
  return packages;
}
