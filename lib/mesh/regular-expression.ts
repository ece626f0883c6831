import { RE2JS } from '../bundled-libraries/re2';

const MAX_BYTES = 1024;
const LOOKING_AROUND = /\(\?<?[=!]/;

/** The problem with a regular expression in RE2 syntax, whose length Istio limits. */
export function regularExpressionProblem(what: string, expression: string): string[] {
  if (expression === '') return [`${what} is an empty regular expression: write one, or leave the condition out`];
  const length = Buffer.byteLength(expression);
  if (length > MAX_BYTES) return [`${what} is ${String(length)} bytes long: write at most ${String(MAX_BYTES)}`];
  const problem = syntaxProblem(expression);
  if (problem === undefined) return [];
  return [
    LOOKING_AROUND.test(problem)
      ? `${what} '${expression}' uses a lookaround, which RE2 does not support: write it without (?= (?! (?<= (?<!`
      : `${what} '${expression}' is not a valid regular expression (${problem}): write it in RE2 syntax`,
  ];
}

/** The error message with which RE2 rejects an expression, if any. */
export function syntaxProblem(expression: string): string | undefined {
  try {
    RE2JS.compile(expression);
    return undefined;
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).replace(/^error parsing regexp: /, '');
  }
}
