import { isObject } from '../../cluster/is-object';
import { own } from '../../cluster/own';
import { same } from '../../cluster/same';
import { fromJson } from '../../injector/from-json';
import type { Sidecar } from '../../injector/sidecar';

/**
 * The sidecar that the injector will add, from the one that it adds today and from two that were made without a
 * cluster, with the current and the new configuration. Values that are equal in the latter two stay the same as today,
 * because only istiod knows everything about the cluster. Other values are those of the new configuration.
 */
export function mergedSidecar(today: Sidecar, before: Sidecar, coming: Sidecar): Sidecar {
  return merged(today, before, coming) as Sidecar;
}

function merged(today: unknown, before: unknown, coming: unknown): unknown {
  if (same(before, coming)) {
    return today;
  }
  if (isObject(today) && isObject(before) && isObject(coming)) {
    const keys = new Set([...Object.keys(today), ...Object.keys(coming)]);
    return Object.fromEntries(
      [...keys].flatMap((key) => {
        const value = merged(own(today, key), own(before, key), own(coming, key));
        return value === undefined ? [] : [[key, value] as const];
      }),
    );
  }
  // Istio stores objects as JSON in environment variables.
  const [one, two, three] = [fromJson(today), fromJson(before), fromJson(coming)];
  return typeof coming === 'string' && isObject(one) && isObject(two) && isObject(three)
    ? JSON.stringify(merged(one, two, three))
    : coming;
}
