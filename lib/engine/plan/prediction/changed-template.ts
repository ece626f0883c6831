import { isObject } from '../../cluster/is-object';
import type { PodTemplate } from '../../cluster/objects';
import { sameQuantity } from '../../cluster/quantity';

type Fields = Readonly<Record<string, unknown>>;

/** Fields with quantities, which have several notations. */
const QUANTITIES = ['resources', 'sizeLimit', 'divisor'];

/**
 * Whether the template in the manifest differs from the live one, so that the controller replaces the pods. Fields that
 * the manifest omits count as unchanged, because the API server and others set them.
 */
export function isTemplateChanged(live: PodTemplate | undefined, manifest: unknown): boolean {
  return live !== undefined && isObject(manifest) && differs(live, manifest, false);
}

function differs(live: unknown, wanted: unknown, isQuantity: boolean): boolean {
  if (isEmpty(wanted)) {
    // An object without fields is equal to a missing one.
    return wanted !== undefined && wanted !== null && !isObject(wanted) && !isEmpty(live);
  }
  if (Array.isArray(wanted)) {
    return !Array.isArray(live) || differInItems(live, wanted, isQuantity);
  }
  if (isObject(wanted)) {
    return Object.entries(wanted).some(([key, value]) =>
      differs(isObject(live) ? live[key] : undefined, value, isQuantity || QUANTITIES.includes(key)),
    );
  }
  if (isQuantity && sameQuantity(String(wanted), live)) {
    return false;
  }
  return String(wanted) !== String(live);
}

/**
 * Whether two lists differ. If all items have different names, it compares the items with the same name, because the
 * order of such a list does not matter.
 */
function differInItems(live: readonly unknown[], wanted: readonly unknown[], isQuantity: boolean): boolean {
  if (live.length !== wanted.length) {
    return true;
  }
  const isNamed = (item: unknown): item is Fields => isObject(item) && typeof item.name === 'string';
  const names = new Set(wanted.map((item) => (isNamed(item) ? item.name : undefined)));
  const byName = names.size === wanted.length && !names.has(undefined);
  return wanted.some((item, index) => {
    const counterpart =
      byName && isNamed(item) ? live.find((one) => isNamed(one) && one.name === item.name) : live[index];
    return differs(counterpart, item, isQuantity);
  });
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    value === '' ||
    value === 0 ||
    value === false ||
    (Array.isArray(value) && value.length === 0) ||
    (isObject(value) && Object.keys(value).length === 0)
  );
}
