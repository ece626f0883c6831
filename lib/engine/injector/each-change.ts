import { isObject } from '../cluster/is-object';
import { same } from '../cluster/same';
import { fromJson } from './from-json';

/** The fields of an object. */
export type Fields = Readonly<Record<string, unknown>>;

/** A field of two objects, with both values. */
export interface FieldPair<Place> {
  readonly place: Place;
  readonly old: unknown;
  readonly now: unknown;
}

/** How to compare values at each place. */
export interface Comparison<Place> {
  /** Converts a value before the comparison. Objects are compared field by field, other values as a whole. */
  read(place: Place, value: unknown): unknown;
  /** The fields of two objects to compare, in order. */
  fields(place: Place, old: Fields, now: Fields): readonly FieldPair<Place>[];
  /** Receives each place where two values differ and at least one is not an object. */
  onChange(place: Place, old: unknown, now: unknown): void;
}

/** Finds the differences between two values. Objects and lists in JSON text are equal in any notation. */
export function eachChange<Place>(comparison: Comparison<Place>, place: Place, old: unknown, now: unknown): void {
  if (same(fromJson(old), fromJson(now))) {
    return;
  }
  const [before, after] = [comparison.read(place, old), comparison.read(place, now)];
  if (!isObject(before) || !isObject(after)) {
    comparison.onChange(place, before, after);
    return;
  }
  for (const field of comparison.fields(place, before, after)) {
    eachChange(comparison, field.place, field.old, field.now);
  }
}

/** The sorted names of the fields of both objects. */
export function fieldNames(old: object, now: object): readonly string[] {
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].sort();
}
