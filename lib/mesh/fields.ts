type Fields = Readonly<Record<string, unknown>>;

/** The fields that have a value. */
export function definedFields(fields: Fields): Record<string, unknown> {
  const defined: Record<string, unknown> = {};
  for (const name of Object.keys(fields)) if (fields[name] !== undefined) defined[name] = fields[name];
  return defined;
}

/** The fields that have a value, nested in a field with this name; empty if none has a value. */
export function fieldOf(name: string, fields: Fields): Record<string, unknown> {
  const defined = definedFields(fields);
  return Object.keys(defined).length > 0 ? { [name]: defined } : {};
}
