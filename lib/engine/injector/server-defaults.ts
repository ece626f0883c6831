import { isObject } from '../cluster/is-object';
import { own } from '../cluster/own';
import { requirementsOf } from '../cluster/quality-of-service';

/** The fields of a container. */
type Fields = Readonly<Record<string, unknown>>;

/**
 * The values that the API server sets, by the names of fields in containers and volumes. For `imagePullPolicy`, the
 * value for images with a digest, or with a tag other than `latest`.
 */
const DEFAULTS: Fields = {
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  imagePullPolicy: 'IfNotPresent',
  protocol: 'TCP',
  scheme: 'HTTP',
  apiVersion: 'v1',
  divisor: '0',
  successThreshold: 1,
  failureThreshold: 3,
  periodSeconds: 10,
  timeoutSeconds: 1,
  defaultMode: 420,
  expirationSeconds: 3600,
};

/** Whether the API server sets this value if the field, in a container or volume, has none. */
export function isServerDefault(field: string, value: unknown): boolean {
  return value !== undefined && own(DEFAULTS, field) === value;
}

/** The container with the requests that the API server sets: the limits, if it has limits without requests. */
export function withRequests<T extends Fields>(container: T): T {
  const { resources } = container;
  const { limits = {}, requests } = requirementsOf(resources);
  return isObject(resources) && Object.keys(limits).length > 0
    ? { ...container, resources: { ...resources, requests: { ...limits, ...requests } } }
    : container;
}

/** The container's pull policy, or the one that the API server sets, which depends on the image's tag. */
export function pullPolicyOf({ image, imagePullPolicy }: Fields): unknown {
  return imagePullPolicy ?? (isLatest(image) ? 'Always' : 'IfNotPresent');
}

/** Whether the image has the tag `latest`, or neither a tag nor a digest. */
export function isLatest(image: unknown): boolean {
  return typeof image === 'string' && /(?:^|\/)[^/:@]+(?::latest)?$/.test(image);
}
