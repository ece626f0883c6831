import { isObject } from './is-object';
import { own } from './own';

/**
 * Checks the type of a value that others wrote and nobody has checked. Returns the path of the first field with another
 * type; undefined if there is none.
 */
export type FieldType = (value: unknown, path: string) => string | undefined;

export const TEXT = scalar('string');
export const NUMBER = scalar('number');
export const NUMBER_OR_TEXT = scalar('number', 'string');
export const FLAG = scalar('boolean');

function scalar(...types: readonly string[]): FieldType {
  return (value, path) => (types.includes(typeof value) ? undefined : path);
}

export function nullable(type: FieldType): FieldType {
  return (value, path) => (value === null ? undefined : type(value, path));
}

export function listOf(type: FieldType): FieldType {
  return (value, path) => {
    const items: readonly unknown[] | undefined = Array.isArray(value) ? value : undefined;
    return items ? items.map((item, index) => type(item, `${path}[${String(index)}]`)).find(Boolean) : path;
  };
}

/** An object with any keys. */
export function mapOf(type: FieldType): FieldType {
  return (value, path) =>
    isObject(value) && Object.values(value).every((item) => type(item, path) === undefined) ? undefined : path;
}

/**
 * An object with these fields, and any others.
 *
 * @param required the names of the fields that may not be missing
 */
export function objectOf(fields: Readonly<Record<string, FieldType>>, required: readonly string[] = []): FieldType {
  return (value, path) => {
    if (!isObject(value)) {
      return path;
    }
    const wrong = Object.entries(fields).flatMap(([name, type]) => {
      const field = own(value, name);
      const isLeftOut = field === undefined && !required.includes(name);
      return isLeftOut ? [] : (type(field, path === '' ? name : `${path}.${name}`) ?? []);
    });
    return wrong[0];
  };
}
