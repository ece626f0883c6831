import { RestartError } from '../restart-error';
import { isObjectName } from './object-name';

/** A collection of the API, or one of its objects. */
export interface ApiLocation {
  /** Group and version, such as `apps/v1`, or `v1`. */
  readonly apiVersion: string;
  /**
   * The plural in paths, such as `deployments`. Without it, the location is the discovery document of the API version.
   */
  readonly resource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

/**
 * The path of a request. All variable paths are built here, so that no name can lead to another object.
 *
 * @throws RestartError `InvalidOption` for a segment that is not a valid name
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

/** A path of a Service, over TLS. */
export interface ServiceLocation {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
  /** For example `/inject`. */
  readonly path: string;
}

/**
 * The path at which the API server relays a request to a Service.
 *
 * @throws RestartError `InvalidOption` for an invalid name, or a path that leads elsewhere
 */
export function servicePath({ namespace, name, port, path }: ServiceLocation): string {
  const segments = path.split('/').slice(1);
  if (segments.some((segment) => segment === '.' || segment === '..')) {
    throw new RestartError(
      'InvalidOption',
      `${JSON.stringify(path)} cannot be a path of Service ${namespace}/${name}`,
      {
        remedy: 'write it without . and ..',
      },
    );
  }
  const service = segmentOf(name);
  const below = segments.map((segment) => `/${encodeURIComponent(segment)}`).join('');
  return `${apiPath({ apiVersion: 'v1', resource: 'services', namespace })}/https:${service}:${String(port)}/proxy${below}`;
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
