import fc from 'fast-check';
import { textWidth, wrapText } from '../../../lib/cli/graph/text-lines';

describe('wrapText', () => {
  test.each<[string, number, string[]]>([
    ['', 2, ['']],
    ['short', 2, ['short']],
    ['two words here', 2, ['two words', 'here']],
    ['two words here and there', 2, ['two words', 'here and…']],
    ['aaaaaaaaaaaaaaaaaaaa', 3, ['aaaaaaaaa', 'aaaaaaaaa', 'aa']],
    ['a\nb\tc', 1, ['a b c']],
  ])('wraps %j in %d lines', (text, lines, wrapped) => {
    expect(wrapText(text, 10, 60, lines)).toEqual(wrapped);
  });

  test('makes no line too wide, and no more lines than allowed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.integer({ min: 1, max: 5 }), (text, lines) => {
        const wrapped = wrapText(text, 12, 100, lines);
        expect(wrapped.length).toBeLessThanOrEqual(lines);
        for (const line of wrapped) expect(textWidth(line, 12)).toBeLessThanOrEqual(100);
      }),
    );
  });
});
