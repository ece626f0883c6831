const SPECIAL = /[\\`*_[\]<>|~&]/g;
/** What would call people by name, who have nothing to do with it. */
const MENTION = /(^|[^\w/])@(?=\w)/g;

/** Text that Markdown shows as it is, on one line, in a cell of a table too. */
export function markdownText(text: string): string {
  return text.replace(SPECIAL, '\\$&').replace(MENTION, '$1@<!-- -->');
}

/** Text as code within a line; not for cells of tables. */
export function markdownCode(text: string): string {
  const fence = '`'.repeat(longestFence(text) + 1);
  const space = /^`|`$/.test(text) ? ' ' : '';
  return `${fence}${space}${text}${space}${fence}`;
}

/** Lines as a block of code. */
export function markdownBlock(lines: readonly string[]): string {
  const fence = '`'.repeat(Math.max(3, longestFence(lines.join('\n')) + 1));
  return [`${fence}text`, ...lines, fence].join('\n');
}

export function markdownRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/**
 * As many of the first parts as fit, and behind them a line that says how many were left out, if any were.
 *
 * @param limit in characters, for all parts with the breaks between them, and that line
 */
export function fitting(
  parts: readonly string[],
  { limit, leftOut }: { readonly limit: number; readonly leftOut: (count: number) => string },
): readonly string[] {
  const length = (texts: readonly string[]) => texts.reduce((sum, text) => sum + text.length + 1, 0);
  if (length(parts) <= limit) {
    return parts;
  }
  let left = limit - length([leftOut(parts.length)]);
  const kept = parts.findIndex((part) => (left -= part.length + 1) < 0);
  return [...parts.slice(0, kept), leftOut(parts.length - kept)];
}

function longestFence(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([fence]) => fence.length));
}
