import { isObject } from '../cluster/is-object';
import { own } from '../cluster/own';
import { sameQuantity } from '../cluster/quantity';
import { same } from '../cluster/same';
import { fromJson } from './from-json';
import { mergedFields } from './merged-fields';
import { isServerDefault, pullPolicyOf, withRequests } from './server-defaults';
import type { Sidecar } from './sidecar';

/**
 * The running sidecar with only Istio's changes applied. A difference between the running sidecar and the answer of all
 * admission counts as Istio's if the injector alone confirms it. It also counts if the injector alone does not set the
 * differing field and the answer of all admission contains the API server's default for it: the default shows that
 * nobody else sets the field either. Values that other webhooks set stay as they are. A
 * changed image always counts, whoever set its registry.
 *
 * @param full the answer of a dry run of all admission
 * @param alone the answer of the injector alone
 */
export function istioDecides(running: Sidecar, full: Sidecar, alone: Sidecar): Sidecar {
  return {
    revision: full.revision,
    containers: merged(
      'containers',
      running.containers,
      full.containers,
      completed(alone.containers, running.containers),
    ) as Sidecar['containers'],
    volumes: merged('volumes', running.volumes, full.volumes, alone.volumes) as Sidecar['volumes'],
  };
}

/**
 * The containers in the answer of the injector alone. Those that the running sidecar also has are compared field by
 * field, so they get the defaults that the API server derives from other fields.
 */
function completed(alone: Sidecar['containers'], running: Sidecar['containers']): Sidecar['containers'] {
  return Object.fromEntries(
    Object.entries(alone).map(([name, container]) => {
      const { fields } = container;
      const defaults = { ...withRequests(fields), imagePullPolicy: pullPolicyOf(fields) };
      return [name, own(running, name) ? { ...container, fields: defaults } : container];
    }),
  );
}

function merged(field: string, running: unknown, full: unknown, alone: unknown): unknown {
  if (same(running, full)) {
    return running;
  }
  if (field === 'image' && typeof running === 'string' && typeof full === 'string') {
    return full;
  }
  const [old, now, given] = [fromJson(running), fromJson(full), fromJson(alone)];
  if (isObject(old) && isObject(now)) {
    return mergedFields(old, now, (key, before, after) => {
      const ofInjector = isObject(given) ? own(given, key) : undefined;
      const isLeftToServer = isObject(given) && ofInjector === undefined && before !== undefined;
      return isLeftToServer && isServerDefault(key, after) ? after : merged(key, before, after, ofInjector);
    });
  }
  if (Array.isArray(old) && Array.isArray(now)) {
    return mergedList(old, now, Array.isArray(given) ? given : []);
  }
  return isGiven(now, given) ? full : running;
}

/**
 * An added item is the injector's if the injector alone adds it too; a removed one, if the injector alone does not add
 * it either.
 */
function mergedList(old: readonly unknown[], now: readonly unknown[], given: readonly unknown[]): readonly unknown[] {
  const isOldOne = (item: unknown) => old.some((one) => same(one, item));
  const isIstios = (item: unknown) => given.some((one) => isGiven(item, one));
  const isNow = (item: unknown) => now.some((one) => same(one, item));
  const added = now.filter((item) => !isOldOne(item) && isIstios(item));
  const gone = old.filter((item) => !isNow(item) && !isIstios(item));
  if (added.length === 0 && gone.length === 0) {
    return old;
  }
  const isAsNow = now.every((item) => isOldOne(item) || isIstios(item));
  return isAsNow ? now : [...old.filter((item) => !gone.includes(item)), ...added];
}

/** Whether a value from all admission is the injector's, apart from defaults and rewriting by the API server. */
function isGiven(now: unknown, given: unknown): boolean {
  const [value, ofInjector] = [fromJson(now), fromJson(given)];
  if (isObject(value) && isObject(ofInjector)) {
    return Object.entries(ofInjector).every(([key, item]) => isGiven(own(value, key), item));
  }
  if (Array.isArray(value) && Array.isArray(ofInjector)) {
    return value.length === ofInjector.length && value.every((item, index) => isGiven(item, ofInjector[index]));
  }
  return (
    same(value, ofInjector) ||
    (isScalar(value) && isScalar(ofInjector) && sameQuantity(String(value), String(ofInjector)))
  );
}

function isScalar(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

/**
 * The running sidecar with the values of the injector alone, if the rest of admission is unknown. Only fields that the
 * injector sets are compared.
 */
export function injectorGives(running: Sidecar, alone: Sidecar): Sidecar {
  return overlaid(running, alone) as Sidecar;
}

function overlaid(running: unknown, given: unknown): unknown {
  const [old, now] = [fromJson(running), fromJson(given)];
  if (isObject(old) && isObject(now)) {
    const entries = Object.entries(now).map(([key, item]) => [key, overlaid(own(old, key), item)] as const);
    return { ...old, ...Object.fromEntries(entries) };
  }
  return isGiven(old, now) ? running : given;
}
