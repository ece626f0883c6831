import type { ObjectMeta, StringMap } from '../../cluster/objects';

/** A Kubernetes object to apply. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: StringMap;
    readonly annotations?: StringMap;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/** Labels and annotations of an object. */
export interface Metadata {
  readonly labels: StringMap;
  readonly annotations: StringMap;
}

/** The metadata of a live object, including its managed fields. */
export type LiveMetadata = Metadata & Pick<ObjectMeta, 'managedFields'>;

/** The API group of the manifest; empty for the core group. */
export function groupOf({ apiVersion }: Manifest): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * Labels and annotations of the live object after the manifest is applied. Removes those that an earlier apply has set
 * and the manifest no longer contains; keeps those that others have set.
 */
export function appliedMetadata(live: Partial<LiveMetadata>, { metadata }: Manifest): Metadata {
  const applied = appliedBefore(live);
  const merge = (field: keyof Metadata): StringMap => ({
    ...Object.fromEntries(Object.entries(live[field] ?? {}).filter(([key]) => !applied[field].has(key))),
    ...metadata[field],
  });
  return { labels: merge('labels'), annotations: merge('annotations') };
}

type Keys = Readonly<Record<keyof Metadata, ReadonlySet<string>>>;

/** The keys that an earlier apply has set, from the annotation of `kubectl apply` and from the managed fields. */
function appliedBefore({ annotations = {}, managedFields = [] }: Partial<LiveMetadata>): Keys {
  const keys = { labels: new Set<string>(), annotations: new Set<string>() };
  const record = parsed(annotations[LAST_APPLIED]);
  for (const field of ['labels', 'annotations'] as const) {
    Object.keys(at(at(record, 'metadata'), field)).forEach((key) => keys[field].add(key));
    for (const entry of managedFields) {
      const owned = entry.operation === 'Apply' ? at(at(entry.fieldsV1, 'f:metadata'), `f:${field}`) : {};
      Object.keys(owned).forEach((key) => keys[field].add(key.replace(/^f:/, '')));
    }
  }
  return keys;
}

function parsed(text: string | undefined): object {
  try {
    const value: unknown = text === undefined ? {} : JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function at(value: object | undefined, field: string): object {
  const found = (value as Readonly<Record<string, unknown>> | undefined)?.[field];
  return typeof found === 'object' && found !== null ? found : {};
}
