import { createRequire } from 'node:module';

/** Whether a text is an expression in CEL. The parser is loaded when there is one: most apps have none. */
export function isCel(expression: string): boolean {
  const { parse } = createRequire(__filename)('@bufbuild/cel') as typeof import('@bufbuild/cel');
  try {
    // It ends a comment at the end of a line alone.
    parse(`${expression}\n`);
    return true;
  } catch {
    return false;
  }
}
