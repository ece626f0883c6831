import { re2Problem } from './re2-syntax';

const MAX_BYTES = 1024;

/** What is wrong with a regular expression in RE2's syntax, whose length Istio limits. */
export function regularExpressionProblem(what: string, expression: string): string[] {
  if (expression === '') return [`${what} is an empty regular expression: write one, or leave the condition out`];
  const length = Buffer.byteLength(expression);
  if (length > MAX_BYTES) return [`${what} is ${String(length)} bytes long: write at most ${String(MAX_BYTES)}`];
  const problem = re2Problem(expression);
  return problem ? [`${what} '${expression}' ${problem.reason}: ${problem.remedy}`] : [];
}
