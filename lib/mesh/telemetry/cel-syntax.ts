import { parse } from '../../bundled-libraries/cel';

const MACROS: readonly unknown[] = ['all', 'exists', 'exists_one', 'filter', 'map'];

/** Whether a string is a CEL expression. */
export function isCel(expression: string): boolean {
  try {
    // The parser ends a comment only at the end of a line.
    return isEvaluable(parse(`${expression}\n`).expr);
  } catch {
    return false;
  }
}

/** Whether the numbers and macros of a parsed expression are valid, which the parser does not check. */
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
