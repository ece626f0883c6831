import { DOCUMENTS, read } from './documents';
import { withoutFences } from './without-fences';

/** Words that readers stumble over, each with what to write instead. */
const WORDS: readonly (readonly [word: RegExp, instead: string])[] = [
  [/\bheeds?\b/i, 'uses, reads'],
  [/\b(?:says|say) nothing\b/i, 'is empty, is not set'],
  [/\bis told\b|\bare told\b/i, 'is reported, receives'],
  [/\bwhat of\b/i, 'which part of'],
  [/\bin the name of\b/i, 'as'],
  [/\bso many\b/i, 'this number of'],
  [/\bafresh\b|\banew\b/i, 'again'],
  [/\bshall\b/i, 'must, should'],
  [/\bon its way out\b/i, 'deprecated'],
];

test.each(WORDS)('the documents do not use %s: write %s', (word) => {
  const used = DOCUMENTS.flatMap((document) =>
    withoutFences(read(document))
      // Code, and titles of tests in links, may contain these words.
      .replace(/`[^`\n]*`|\[[^\]]*\]\([^)]*\.test\.ts\)/g, (code) => code.replace(/[^\n]/g, ' '))
      .split('\n')
      .flatMap((line, index) => (word.test(line) ? [`${document}:${String(index + 1)}: ${line.trim()}`] : [])),
  );
  expect(used).toEqual([]);
});
