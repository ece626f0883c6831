import { Ajv2020 } from 'ajv/dist/2020';
import schema from '../../../docs/check.schema.json';

const validate = new Ajv2020({ allErrors: true }).compile(schema);

/** Where a value is not what docs/check.schema.json says. */
export function schemaProblems(value: unknown): readonly string[] {
  validate(value);
  return (validate.errors ?? []).map(({ instancePath, message = '' }) => `${instancePath}: ${message}`);
}
