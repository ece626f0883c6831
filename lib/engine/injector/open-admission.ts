import { isObject } from '../cluster/is-object';
import { own } from '../cluster/own';
import { sameQuantity } from '../cluster/quantity';
import { same } from '../cluster/same';
import { fromJson } from './from-json';
import { mergedFields } from './merged-fields';
import { isLatest, isServerDefault, withRequests } from './server-defaults';
import type { Sidecar, SidecarContainer } from './sidecar';

/**
 * Which changes of the injector apply. `certain`: only those that nobody else can make. `possible`: all, as if there
 * were no other webhooks.
 */
type Extent = 'certain' | 'possible';

type Fields = Readonly<Record<string, unknown>>;

/** Fields that policies and other webhooks set in any container, including Istio's. */
const ALSO_OF_OTHERS = new Set(['resources', 'securityContext', 'imagePullPolicy']);

/** The running sidecar with the changes that only the injector can make. */
export function injectorDecides(running: Sidecar, given: Sidecar): Sidecar {
  return becoming(running, given, 'certain');
}

/** The running sidecar with all changes of the injector, as if there were no other webhooks. */
export function injectorWouldGive(running: Sidecar, given: Sidecar): Sidecar {
  return becoming(running, given, 'possible');
}

/**
 * The running sidecar with the changes of the injector. It has exactly the containers and volumes of the given sidecar:
 * only the injector adds those of the running sidecar, so it also decides which of them remain.
 */
function becoming(running: Sidecar, given: Sidecar, extent: Extent): Sidecar {
  const containers = Object.entries(given.containers).map(([name, container]) => {
    const old = own(running.containers, name);
    return [name, old ? { ...container, fields: fieldsOf(old, container, extent) } : container] as const;
  });
  const volumes = Object.entries(given.volumes).map(([name, volume]) => {
    const old = own(running.volumes, name);
    return [name, old === undefined ? volume : valueOf(name, old, volume, extent)] as const;
  });
  return {
    revision: given.revision,
    containers: Object.fromEntries(containers),
    volumes: Object.fromEntries(volumes),
  };
}

function fieldsOf({ fields: old }: SidecarContainer, container: SidecarContainer, extent: Extent): Fields {
  const now = completed(container.fields, old);
  const isLeft = (field: string) =>
    extent === 'certain' &&
    (ALSO_OF_OTHERS.has(field) || (field === 'image' && !isOtherVersion(own(old, field), own(now, field))));
  return mergedFields(old, now, (field, before, after) =>
    isLeft(field) ? before : valueOf(field, before, after, extent),
  );
}

/** Adds defaults that the API server derives from other fields of the container. */
function completed(given: Fields, running: Fields): Fields {
  const { image, imagePullPolicy } = given;
  return {
    ...withRequests(given),
    ...(isLatest(image) && imagePullPolicy === undefined ? { imagePullPolicy: running.imagePullPolicy } : {}),
  };
}

/** Whether the tags or digests differ. The rest of an image name is only its location. */
function isOtherVersion(old: unknown, now: unknown): boolean {
  if (typeof old !== 'string' || typeof now !== 'string') {
    return old !== now;
  }
  const [before, after] = [versionOf(old), versionOf(now)];
  const differs = (one: string | undefined, other: string | undefined) =>
    one !== undefined && other !== undefined && one !== other;
  return differs(before.tag, after.tag) || differs(before.digest, after.digest);
}

function versionOf(image: string): { readonly tag: string | undefined; readonly digest: string | undefined } {
  const [name = '', digest] = image.slice(image.lastIndexOf('/') + 1).split('@');
  return { tag: name.split(':')[1], digest };
}

function valueOf(key: string, old: unknown, now: unknown, extent: Extent): unknown {
  if (now === undefined) {
    return extent === 'certain' || isEmpty(old) || isServerDefault(key, old) ? old : undefined;
  }
  if (old === undefined) {
    return isEmpty(now) ? undefined : now;
  }
  if (isObject(old) && isObject(now)) {
    return mergedFields(old, now, (field, before, after) => valueOf(field, before, after, extent));
  }
  if (Array.isArray(old) && Array.isArray(now)) {
    return isListOf(old, now, extent) ? old : now;
  }
  return isSameScalar(old, now) ? old : now;
}

/** Whether a running list equals the given one, except for defaults and items that others may have added. */
function isListOf(old: readonly unknown[], now: readonly unknown[], extent: Extent): boolean {
  const isItem = (item: unknown, given: unknown) => same(valueOf('', item, given, extent), item);
  if (extent === 'possible' || !now.every(isObject)) {
    return old.length === now.length && old.every((item, index) => isItem(item, now[index]));
  }
  return now.every((given) => old.some((item) => isItem(item, given)));
}

/** JSON in a string is compared as a whole, because all of it belongs to Istio. */
function isSameScalar(old: unknown, now: unknown): boolean {
  const isScalar = (value: unknown) => typeof value === 'string' || typeof value === 'number';
  return (
    same(fromJson(old), fromJson(now)) || (isScalar(old) && isScalar(now) && sameQuantity(String(old), String(now)))
  );
}

function isEmpty(value: unknown): boolean {
  return (
    value === '' || (Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0)
  );
}
