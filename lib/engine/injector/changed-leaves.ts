import { own } from '../cluster/own';
import { eachChange, fieldNames } from './each-change';
import { fromJson } from './from-json';

/** A path at which two objects differ, with both values. */
export interface ChangedLeaf {
  /** For example `containers.istio-proxy.fields.image`. */
  readonly path: string;
  readonly old: unknown;
  readonly now: unknown;
}

/** The paths at which two values differ. Compares objects, and objects in JSON text, field by field. */
export function changedLeaves(old: unknown, now: unknown): readonly ChangedLeaf[] {
  const found: ChangedLeaf[] = [];
  eachChange<string>(
    {
      read: (_, value) => fromJson(value),
      fields: (path, before, after) =>
        fieldNames(before, after).map((name) => ({
          place: path === '' ? name : `${path}.${name}`,
          ...{ old: own(before, name), now: own(after, name) },
        })),
      onChange: (path, before, after) => found.push({ path, old: before, now: after }),
    },
    '',
    old,
    now,
  );
  return found;
}
