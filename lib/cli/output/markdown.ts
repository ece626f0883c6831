const SPECIAL = /[\\`*_[\]<>|~&]/g;
/** Text that would mention, and so notify, unrelated people. */
const MENTION = /(^|[^\w/])@(?=\w)/g;

/** Escapes text for Markdown, on one line, also in table cells. */
export function markdownText(text: string): string {
  return text.replace(SPECIAL, '\\$&').replace(MENTION, '$1@<!-- -->');
}

/** Text as inline code; not for table cells. */
export function markdownCode(text: string): string {
  const fence = '`'.repeat(longestFence(text) + 1);
  const space = /^`|`$/.test(text) ? ' ' : '';
  return `${fence}${space}${text}${space}${fence}`;
}

/** Lines as a code block. */
export function markdownBlock(lines: readonly string[]): string {
  const fence = '`'.repeat(Math.max(3, longestFence(lines.join('\n')) + 1));
  return [`${fence}text`, ...lines, fence].join('\n');
}

export function markdownRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** A part of a document, with the number of items that it describes. */
export interface Part {
  readonly text: string;
  /** @default 1 */
  readonly count?: number;
}

/**
 * The first parts that fit, then a line with the number of omitted items, if any.
 *
 * @param limit the maximum number of characters, including line breaks and the last line
 */
export function fitting(
  parts: readonly Part[],
  { limit, leftOut }: { readonly limit: number; readonly leftOut: (count: number) => string },
): readonly string[] {
  const texts = parts.map(({ text }) => text);
  const countFrom = (start: number) => parts.slice(start).reduce((sum, { count = 1 }) => sum + count, 0);
  if (texts.reduce((sum, text) => sum + text.length + 1, 0) <= limit) {
    return texts;
  }
  let left = limit - leftOut(countFrom(0)).length - 1;
  const kept = texts.findIndex((text) => (left -= text.length + 1) < 0);
  return [...texts.slice(0, kept), leftOut(countFrom(kept))];
}

function longestFence(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([fence]) => fence.length));
}
