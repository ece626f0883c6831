import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One row of the table of messages in docs/checks.md. */
export interface AnalysisMessageRow {
  /** Such as `IST0101`. */
  readonly code: string;
  readonly name: string;
  /** Whether this package prevents the problem. */
  readonly here: string;
  readonly how: string;
}

const DOCUMENT = join(__dirname, '..', '..', 'docs', 'checks.md');

/** The messages that users of sidecars can get. */
export function analysisMessages(): AnalysisMessageRow[] {
  return tableRows()
    .filter(([first = '']) => /^IST\d{4}$/.test(first))
    .filter((cells) => cells.length === 5)
    .map(([code = '', name = '', , here = '', how = '']) => ({ code, name, here, how }));
}

/** The codes in the document: those of the messages once each, and those of other topics as often as they occur. */
export function documentedCodes(): string[] {
  const others = tableRows()
    .filter((cells) => cells.length === 2)
    .flatMap(([codes = '']) => codes.split(', '))
    .filter((code) => /^IST\d{4}$/.test(code));
  return [...new Set(analysisMessages().map(({ code }) => code)), ...others];
}

function tableRows(): string[][] {
  return readFileSync(DOCUMENT, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}
