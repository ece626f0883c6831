import { createRequire } from 'node:module';

const MACROS: readonly unknown[] = ['all', 'exists', 'exists_one', 'filter', 'map'];

/** Whether a text is an expression in CEL. The parser is loaded when there is one: most apps have none. */
export function isCel(expression: string): boolean {
  const { parse } = createRequire(__filename)('@bufbuild/cel') as typeof import('@bufbuild/cel');
  try {
    // It ends a comment at the end of a line alone.
    return isEvaluable(parse(`${expression}\n`).expr);
  } catch {
    return false;
  }
}

/** Whether numbers of a parsed expression have a value, and macros are what they have to be, which the parser leaves open. */
function isEvaluable(node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return true;
  const { case: kind, value } = node as { readonly case?: unknown; readonly value?: unknown };
  if (kind === 'doubleValue') return Number.isFinite(value);
  if (kind === 'int64Value') return BigInt.asIntN(64, value as bigint) === value;
  if (kind === 'uint64Value') return BigInt.asUintN(64, value as bigint) === value;
  return !(kind === 'callExpr' && !isCall(value as Call)) && Object.values(node).every(isEvaluable);
}

interface Call {
  readonly function: string;
  readonly target?: unknown;
  readonly args: readonly { readonly exprKind: { readonly case?: string } }[];
}

function isCall({ function: name, target, args: [first] }: Call): boolean {
  if (target === undefined) return name !== 'has' || first?.exprKind.case === 'selectExpr';
  return !MACROS.includes(name) || first === undefined || first.exprKind.case === 'identExpr';
}
