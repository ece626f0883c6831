/** Anything that JSON can say. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export type JsonObject = Record<string, Json>;

/** What Pulumi's engine passes during a preview for a value that is not known yet. */
const unknownValue = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isUnknown(value: Json | undefined): boolean {
  return value === unknownValue;
}

export function equal(one: Json | undefined, other: Json | undefined): boolean {
  return one === undefined || other === undefined ? one === other : changedPaths(one, other).length === 0;
}

/** The part of `live` that `shape` speaks of: its keys, and in lists of named items the items it names. */
export function restrict(live: Json | undefined, shape: Json): Json | undefined {
  if (isObject(live) && isObject(shape)) {
    const entries = Object.entries(shape).flatMap(([key, inner]) => {
      const value = restrict(live[key], inner);
      return value === undefined ? [] : [[key, value] as const];
    });
    return Object.fromEntries(entries);
  }
  if (Array.isArray(live) && Array.isArray(shape)) {
    if (shape.length > 0 && [...shape, ...live].every((item) => isObject(item) && typeof item['name'] === 'string')) {
      return shape.flatMap((item) => {
        const found = live.find((other) => isObject(other) && isObject(item) && other['name'] === item['name']);
        const value = restrict(found, item);
        return value === undefined ? [] : [value];
      });
    }
    return live.length === shape.length
      ? live.map((item, index) => restrict(item, shape[index] ?? item) ?? null)
      : live;
  }
  return live;
}

/**
 * The inputs that would lead to what is live: where it differs from what the last update left behind, the live value,
 * elsewhere the input as the user wrote it, even if the API server writes it differently (`1000m`, `1`).
 */
export function driftedInputs(inputs: Json, before: Json | undefined, live: Json | undefined): Json | undefined {
  if (equal(before, live)) {
    return inputs;
  }
  if (isObject(inputs) && isObject(before) && isObject(live)) {
    const entries = Object.entries(inputs).flatMap(([key, input]) => {
      const value = driftedInputs(input, before[key], live[key]);
      return value === undefined ? [] : [[key, value] as const];
    });
    return Object.fromEntries(entries);
  }
  if (
    Array.isArray(inputs) &&
    Array.isArray(before) &&
    Array.isArray(live) &&
    inputs.length === before.length &&
    before.length === live.length
  ) {
    return inputs.map((input, index) => driftedInputs(input, before[index], live[index]) ?? null);
  }
  return live;
}

export interface ChangedPath {
  /** In Pulumi's notation, such as `metadata.labels["app.kubernetes.io/name"]`. */
  readonly path: string;
  readonly change: 'add' | 'delete' | 'update';
}

/** Where two values differ, as deep as they can be followed. */
export function changedPaths(before: Json, after: Json, path = ''): ChangedPath[] {
  if (isObject(before) && isObject(after)) {
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) => {
      const plain = /^[A-Za-z_]\w*$/.test(key);
      const inner = plain ? (path === '' ? key : `${path}.${key}`) : `${path}[${JSON.stringify(key)}]`;
      return changeOf(before[key], after[key], inner);
    });
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, index) => index).flatMap((index) =>
      changeOf(before[index], after[index], `${path}[${String(index)}]`),
    );
  }
  return before === after ? [] : [{ path, change: 'update' }];
}

function changeOf(before: Json | undefined, after: Json | undefined, path: string): ChangedPath[] {
  if (before === undefined || after === undefined) {
    return before === after ? [] : [{ path, change: before === undefined ? 'add' : 'delete' }];
  }
  return changedPaths(before, after, path);
}
