type Fields = Readonly<Record<string, unknown>>;

const NONE: Fields = {};
const EMPTY: readonly never[] = [];

/** A field that holds fields; none, if it is missing or something else. */
export function fieldsAt(fields: Fields, name: string): Fields {
  return asFields(fields[name]);
}

/** A field that holds a list of fields. */
export function listAt(fields: Fields, name: string): readonly Fields[] {
  const value = fields[name];
  return Array.isArray(value) ? value.map(asFields) : EMPTY;
}

/** A field that holds a list of texts. */
export function textsAt(fields: Fields, name: string): readonly string[] {
  const value = fields[name];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : EMPTY;
}

/** A field that holds a text. */
export function textAt(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' ? value : undefined;
}

function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : NONE;
}
