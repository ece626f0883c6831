type Fields = Readonly<Record<string, unknown>>;

const NONE: Fields = {};
const EMPTY: readonly never[] = [];

/** The fields of an object field; empty if it is missing or of another type. */
export function fieldsAt(fields: Fields, name: string): Fields {
  return asFields(fields[name]);
}

/** The items of a field that is a list of objects. */
export function listAt(fields: Fields, name: string): readonly Fields[] {
  const value = fields[name];
  return Array.isArray(value) ? value.map(asFields) : EMPTY;
}

/** The items of a field that is a list of strings. */
export function textsAt(fields: Fields, name: string): readonly string[] {
  const value = fields[name];
  return Array.isArray(value) ? value.filter(isText) : EMPTY;
}

/** The fields that are strings, such as those of labels. */
export function textFields(fields: Fields): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** The value of a string field. */
export function textAt(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' ? value : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : NONE;
}
