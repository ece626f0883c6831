const MAX_LENGTH = 1024;
const LETTERS_AFTER_BACKSLASH = 'AbBCdDEfnpPQrsStvwWxza';

/** What is wrong with a regular expression in RE2's syntax, as far as it can be told without RE2. */
export function regularExpressionProblem(what: string, expression: string): string[] {
  const because = (reason: string, remedy: string) => [`${what} '${expression}' ${reason}: ${remedy}`];
  if (expression === '') return [`${what} is an empty regular expression: write one, or leave the condition out`];
  if (expression.length > MAX_LENGTH) {
    return [`${what} is ${String(expression.length)} characters long: write at most ${String(MAX_LENGTH)}`];
  }
  if (/\(\?<?[=!]/.test(expression)) return because('looks around, which RE2 cannot', 'write it without (?= (?! (?<');
  for (const [, escaped = ''] of expression.matchAll(/\\([^])/g)) {
    if (/[a-zA-Z]/.test(escaped) && !LETTERS_AFTER_BACKSLASH.includes(escaped)) {
      return because(`has \\${escaped}, which RE2 does not know`, 'write it in RE2 syntax');
    }
    if (/[1-9]/.test(escaped)) return because(`refers back with \\${escaped}, which RE2 cannot`, 'write it without');
  }
  return compiles(expression) ? [] : because('is not a regular expression', 'write it in RE2 syntax');
}

function compiles(expression: string): boolean {
  // What RE2 knows and JavaScript does not is brought to a form that both know; literal text (\Q) is left to istiod.
  if (expression.includes('\\Q')) return true;
  const common = expression.replace(/\(\?P</g, '(?<').replace(/\(\?[imsU]*(-[imsU]+)?(:|\))/g, (_, _off, end) => {
    return end === ':' ? '(?:' : '(?:)';
  });
  try {
    return new RegExp(common) instanceof RegExp;
  } catch {
    return false;
  }
}
