import { isObject } from '../../cluster/is-object';
import { own } from '../../cluster/own';
import { same } from '../../cluster/same';
import { fromJson } from '../../injector/from-json';
import type { Sidecar } from '../../injector/sidecar';

/**
 * The sidecar that the injector will give, from the one it gives today and two that were made without a cluster, by
 * today's configuration and by the coming one. What these two have in common stays as it is today: where today's is
 * another, istiod knows of the cluster what nothing else does. In all else, the coming one is right.
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
  // Istio keeps objects in environment variables, as JSON texts.
  const [one, two, three] = [fromJson(today), fromJson(before), fromJson(coming)];
  return typeof coming === 'string' && isObject(one) && isObject(two) && isObject(three)
    ? JSON.stringify(merged(one, two, three))
    : coming;
}
