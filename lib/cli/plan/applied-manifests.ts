import { RestartError } from '../../engine/restart-error';
import { readManifests, type ManifestObject } from '../manifests/read-manifests';

/**
 * The objects of the files that `--with` names.
 *
 * @param paths files and directories; `-` is the standard input
 * @throws RestartError `InvalidOption` for what cannot be read, and where there is no object at all
 */
export async function appliedManifests(
  paths: readonly string[],
  stdin: AsyncIterable<string | Uint8Array>,
): Promise<readonly ManifestObject[]> {
  const manifests = await readManifests(paths, stdin).catch((error: unknown) => {
    throw error instanceof RestartError ? ofFlag(error) : error;
  });
  if (manifests.length === 0) {
    throw new RestartError('InvalidOption', `--with ${paths.join(' --with ')}: no Kubernetes object is in there`, {
      remedy: 'name files or directories that hold what is to be applied',
    });
  }
  return manifests.map(({ object }) => object);
}

function ofFlag({ code, problem, remedy, cause }: RestartError): RestartError {
  return new RestartError(code, `--with ${problem}`, { ...(remedy === undefined ? {} : { remedy }), cause });
}
