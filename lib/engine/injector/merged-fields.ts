import { own } from '../cluster/own';

type Fields = Readonly<Record<string, unknown>>;

/** The fields of two objects, each with the value that `of` returns; without those for which it returns undefined. */
export function mergedFields(
  old: Fields,
  now: Fields,
  of: (field: string, old: unknown, now: unknown) => unknown,
): Fields {
  const names = new Set([...Object.keys(old), ...Object.keys(now)]);
  return Object.fromEntries(
    [...names].flatMap((name) => {
      const value = of(name, own(old, name), own(now, name));
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}
