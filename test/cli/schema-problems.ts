import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020, { type SchemaObject } from 'ajv/dist/2020';

export type SchemaName = 'plan' | 'report' | 'check';

/** The JSON schema that ships with the package. */
export function readSchema(name: SchemaName): SchemaObject {
  const path = join(__dirname, '..', '..', 'docs', `${name}.schema.json`);
  return JSON.parse(readFileSync(path, 'utf8')) as SchemaObject;
}

/** Where the data violates the schema, and where it has what the schema does not describe; empty if it does neither. */
export function schemaProblems(name: SchemaName, data: unknown): readonly string[] {
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, allowUnionTypes: false });
  ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  const validate = ajv.compile(closed(readSchema(name)) as SchemaObject);
  validate(data);
  return (validate.errors ?? []).map(
    ({ instancePath, message = '', params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

/** Makes a schema that allows properties that it does not describe into one that refuses them. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) {
    return schema.map(closed);
  }
  if (typeof schema !== 'object' || schema === null) {
    return schema;
  }
  const fields = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return 'type' in fields && fields.type === 'object' && 'properties' in fields
    ? { ...fields, additionalProperties: false }
    : fields;
}
