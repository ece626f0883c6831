import { isObject } from '../cluster/is-object';
import { same } from '../cluster/same';
import { fromJson } from './from-json';

/** An object as its fields. */
export type Fields = Readonly<Record<string, unknown>>;

/** A field of two objects, with the values that they have there. */
export interface FieldPair<Place> {
  readonly place: Place;
  readonly old: unknown;
  readonly now: unknown;
}

/** What is compared, place by place. */
export interface Comparison<Place> {
  /** The value as it is compared at the place: objects field by field, all else as a whole. */
  read(place: Place, value: unknown): unknown;
  /** The fields of two objects that are compared, in order. */
  fields(place: Place, old: Fields, now: Fields): readonly FieldPair<Place>[];
  /** Told each place in which two values differ that are not both objects. */
  onChange(place: Place, old: unknown, now: unknown): void;
}

/** Finds where two values differ. JSON of objects and lists in a text is equal to other JSON of the same. */
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

/** The names of the fields that one of the objects has, sorted. */
export function fieldNames(old: object, now: object): readonly string[] {
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].sort();
}
