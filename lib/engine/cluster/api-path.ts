import { RestartError } from '../restart-error';
import { isObjectName } from './object-name';

/** A collection of the API, or one object of it. */
export interface ApiLocation {
  /** Group and version, such as `apps/v1`, or `v1`. */
  readonly apiVersion: string;
  /** The plural in paths, such as `deployments`; without it, the path is where the API server lists its resources. */
  readonly resource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

/**
 * The path of a request. All paths that are not constants are made here, so that no name leads to another object.
 *
 * @throws RestartError `InvalidOption` for a segment that is no valid name
 */
export function apiPath({ apiVersion, resource, namespace, name }: ApiLocation): string {
  const segments = [
    apiVersion.includes('/') ? 'apis' : 'api',
    ...apiVersion.split('/'),
    ...(namespace === undefined ? [] : ['namespaces', namespace]),
    ...(resource === undefined ? [] : [resource]),
    ...(name === undefined ? [] : [name]),
  ];
  return segments.map((segment) => `/${segmentOf(segment)}`).join('');
}

function segmentOf(text: string): string {
  if (!isObjectName(text)) {
    throw new RestartError('InvalidOption', `${JSON.stringify(text)} cannot be the name of a Kubernetes object`, {
      remedy:
        "write up to 253 lower-case letters, digits, '-' and '.', each part beginning and ending with a letter or digit",
    });
  }
  return encodeURIComponent(text);
}
