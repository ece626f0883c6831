import type { PulumiResult } from '../control-plane/pulumi-workspace';

/** Expects a command of Pulumi to have succeeded, and shows its output if it has not. */
export function succeeded({ exitCode, diagnostics, stdout, stderr }: PulumiResult): void {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message);
  expect({ exitCode, errors, output: exitCode === 0 ? '' : stdout + stderr }).toEqual({
    exitCode: 0,
    errors: [],
    output: '',
  });
}

/** Everything that a command of Pulumi printed. */
export function saidBy({ diagnostics, stdout, stderr }: PulumiResult): string {
  return [...diagnostics.map(({ message }) => message), stdout, stderr].join('\n');
}

/** The names of the resources with one of the operations, in their order. */
export function namesOf({ steps }: PulumiResult, ...operations: readonly string[]): readonly string[] {
  return steps.filter(({ op }) => operations.includes(op)).map(({ urn }) => urn.split('::').slice(3).join('::'));
}
