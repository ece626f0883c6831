import { own } from '../cluster/own';
import { eachChange, fieldNames } from './each-change';
import { fromJson } from './from-json';

/** A place in which two values differ, with the values there. */
export interface ChangedLeaf {
  /** Such as `containers.istio-proxy.fields.image`. */
  readonly path: string;
  readonly old: unknown;
  readonly now: unknown;
}

/** The places in which two values differ, as deep as both are objects or the JSON texts of objects. */
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
