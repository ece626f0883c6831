import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One row of the table of messages in docs/checks.md. */
export interface AnalysisMessageRow {
  /** Such as `IST0101`. */
  readonly code: string;
  readonly name: string;
  /** Whether this package keeps it from happening. */
  readonly here: string;
  readonly how: string;
}

const DOCUMENT = join(__dirname, '..', '..', 'docs', 'checks.md');

/** The messages that users of sidecars can meet. */
export function analysisMessages(): AnalysisMessageRow[] {
  return tableRows()
    .filter(([first = '']) => /^IST\d{4}$/.test(first))
    .filter((cells) => cells.length === 5)
    .map(([code = '', name = '', , here = '', how = '']) => ({ code, name, here, how }));
}

/** Each code once for the messages, and as often as it is there for those of other topics. */
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
