type Fields = Readonly<Record<string, unknown>>;

/** The fields that have a value. */
export function definedFields(fields: Fields): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** The fields that have a value, as one field of this name; nothing without any. */
export function fieldOf(name: string, fields: Fields): Record<string, unknown> {
  const defined = definedFields(fields);
  return Object.keys(defined).length > 0 ? { [name]: defined } : {};
}
