import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One fenced block of a document. */
export interface CodeBlock {
  readonly document: string;
  /** Line of the document on which the block's text starts, from 1. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

/** The fenced blocks of a document, in their order. */
export function codeBlocks(project: string, document: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { line: number; language: string; lines: string[] } | undefined;
  for (const [index, line] of readFileSync(join(project, document), 'utf8').split('\n').entries()) {
    const fence = /^```(\S*)/.exec(line);
    if (open && fence) {
      blocks.push({ document, line: open.line, language: open.language, text: `${open.lines.join('\n')}\n` });
      open = undefined;
    } else if (open) {
      open.lines.push(line);
    } else if (fence) {
      open = { line: index + 2, language: fence[1] ?? '', lines: [] };
    }
  }
  if (open) {
    throw new Error(`${document}: the block that starts on line ${String(open.line)} has no end`);
  }
  return blocks;
}
