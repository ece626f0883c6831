const MAX_LENGTH = 1024;
const MAX_REPETITION = 1000;
const LETTERS_AFTER_BACKSLASH = 'AbBdDEfnpPQrsStvwWxza';

/** What is wrong with a regular expression in RE2's syntax, as far as it can be told without RE2. */
export function regularExpressionProblem(what: string, expression: string): string[] {
  const because = (reason: string, remedy: string) => [`${what} '${expression}' ${reason}: ${remedy}`];
  if (expression === '') return [`${what} is an empty regular expression: write one, or leave the condition out`];
  if (expression.length > MAX_LENGTH) {
    return [`${what} is ${String(expression.length)} characters long: write at most ${String(MAX_LENGTH)}`];
  }
  const outsideClasses = expression.replace(/\\[^]/g, '').replace(/\[\^?\]?[^\]]*\]/g, '');
  if (/\(\?<?[=!]/.test(outsideClasses))
    return because('looks around, which RE2 cannot', 'write it without (?= (?! (?<');
  for (const [, escaped = ''] of expression.matchAll(/\\([^])/g)) {
    if (/[a-zA-Z\u0080-\uFFFF]/.test(escaped) && !LETTERS_AFTER_BACKSLASH.includes(escaped)) {
      return because(`has \\${escaped}, which RE2 does not know`, 'write it in RE2 syntax');
    }
    if (/[1-9]/.test(escaped)) return because(`refers back with \\${escaped}, which RE2 cannot`, 'write it without');
  }
  for (const [repetition, from = '', to = ''] of outsideClasses.matchAll(/\{(\d+)(?:,(\d*))?\}/g)) {
    if (Math.max(Number(from), Number(to)) > MAX_REPETITION) {
      return because(`repeats ${repetition}, which RE2 does not`, `repeat at most ${String(MAX_REPETITION)} times`);
    }
  }
  return compiles(expression) ? [] : because('is not a regular expression', 'write it in RE2 syntax');
}

function compiles(expression: string): boolean {
  // What RE2 knows and JavaScript does not is brought to a form that both know; literal text (\Q) is left to istiod.
  if (expression.includes('\\Q')) return true;
  const common = expression
    .replace(/(^|[^\\])\[(\^?)\]/g, '$1[$2\\]')
    .replace(/\(\?P</g, '(?<')
    .replace(/\(\?[imsU]*(-[imsU]+)?(:|\))/g, (_, _off, end) => {
      return end === ':' ? '(?:' : '(?:)';
    });
  try {
    return new RegExp(common) instanceof RegExp;
  } catch {
    return false;
  }
}
