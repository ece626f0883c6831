import { RestartError } from '../../engine/restart-error';
import { readManifests, type ManifestObject } from '../manifests/read-manifests';

/**
 * The Kubernetes objects in the files of `--with`.
 *
 * @param paths files and directories; `-` is the standard input
 * @throws RestartError `InvalidOption` if a file cannot be read, or if there are no objects
 */
export async function appliedManifests(
  paths: readonly string[],
  stdin: AsyncIterable<string | Uint8Array>,
): Promise<readonly ManifestObject[]> {
  const manifests = await readManifests(paths, stdin).catch((error: unknown) => {
    throw error instanceof RestartError ? ofFlag(error) : error;
  });
  if (manifests.length === 0) {
    throw new RestartError('InvalidOption', `--with ${paths.join(' --with ')}: contains no Kubernetes object`, {
      remedy: 'pass files or directories with the manifests to apply',
    });
  }
  return manifests.map(({ object }) => object);
}

function ofFlag({ code, problem, remedy, cause }: RestartError): RestartError {
  return new RestartError(code, `--with ${problem}`, { ...(remedy === undefined ? {} : { remedy }), cause });
}
