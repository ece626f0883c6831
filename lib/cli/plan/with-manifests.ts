import type { PredictionOptions, RestartPlan } from '../../restart/index';

/**
 * The plan as it will be once the manifests of these files are applied.
 *
 * @param paths files and directories; `-` is the standard input
 * @throws RestartError
 */
export async function planWithManifests(
  paths: readonly string[],
  options: PredictionOptions,
  stdin: AsyncIterable<string | Uint8Array>,
): Promise<RestartPlan> {
  const { readManifests } = await import('../manifests/read-manifests.js');
  const { predictRestarts } = await import('../../restart/index.js');
  const manifests = await readManifests(paths, stdin);
  return predictRestarts(
    options,
    manifests.map(({ object }) => object),
  );
}
