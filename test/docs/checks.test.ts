import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { analysisMessages, documentedCodes } from './checks-document';

const DOCS = join(__dirname, '..', '..', 'docs');

describe('docs/checks.md', () => {
  const rows = analysisMessages();

  test('has the messages of istioctl analyze in order, each code with one name', () => {
    expect(rows.length).toBeGreaterThan(50);
    const codes = rows.map(({ code }) => code);
    expect(codes).toEqual([...codes].sort());
    expect(rows.filter(({ code, name }) => rows.some((row) => row.code === code && row.name !== name))).toEqual([]);
    expect(rows.filter(({ code, name }) => rows.some((row) => row.code !== code && row.name === name))).toEqual([]);
  });

  test('has no code both among the messages and among those of other topics', () => {
    const codes = documentedCodes();
    expect(codes).toEqual([...new Set(codes)]);
  });

  test('gives one of four answers for each message', () => {
    const answers = new Set(['caught', 'impossible', 'not caught', 'needs the cluster']);
    expect(rows.filter(({ here }) => !answers.has(here))).toEqual([]);
  });

  test('explains the answer for each message', () => {
    expect(rows.filter(({ how }) => how === '')).toEqual([]);
  });

  test('names a test, by its title, for each message that is caught, and for no other', () => {
    const named = ({ how }: { readonly how: string }) => [...how.matchAll(/\[([^\]]+)\]\((\S+?)\)/g)];
    expect(rows.filter((row) => (row.here === 'caught') !== named(row).length > 0)).toEqual([]);
    const missing = rows
      .flatMap(named)
      .filter(([, title = '', file = '']) => !hasTitle(readFileSync(join(DOCS, file), 'utf8'), title));
    expect(missing.map(([link]) => link)).toEqual([]);
  });
});

/** Whether a file of tests has a test, or a row of a `test.each`, of this title. */
function hasTitle(source: string, title: string): boolean {
  return ["'", '"', '`'].some(
    (quote) =>
      source.includes(`test(${quote}${title}${quote},`) ||
      source.includes(`)(${quote}${title}${quote},`) ||
      new RegExp(`\\[\\s*${escaped(quote + title + quote)},`).test(source),
  );
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
