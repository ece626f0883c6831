import fc from 'fast-check';
import { wrappedText } from '../../../lib/cli/output/wrapped-text';

describe('wrappedText', () => {
  test.each<[string, number, readonly string[]]>([
    ['', 5, ['']],
    ['one two three', 20, ['one two three']],
    ['one two three', Infinity, ['one two three']],
    ['one two three', 7, ['one two', 'three']],
    ['one two three', 6, ['one', 'two', 'three']],
    ['a/very/long/image b', 6, ['a/very', '/long/', 'image', 'b']],
    ['ab cdefgh', 3, ['ab', 'cde', 'fgh']],
    ['ab c', 1, ['a', 'b', 'c']],
    ['ab c', 0, ['a', 'b', 'c']],
    ['ab c', -5, ['a', 'b', 'c']],
  ])('wraps %j at %d columns', (text, width, lines) => {
    expect(wrappedText(text, width)).toEqual(lines);
  });

  test('loses nothing, and is never wider', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,12}$/)), fc.integer({ min: 1, max: 20 }), (words, width) => {
        const lines = wrappedText(words.join(' '), width);
        expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
        expect(lines.join('').replaceAll(' ', '')).toBe(words.join(''));
      }),
    );
  });
});
