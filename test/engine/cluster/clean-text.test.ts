import { cleanText } from '../../../lib/engine/cluster/clean-text';

test.each([
  ['a control character', '\u001b[31mred\u0007', ' [31mred '],
  ['one of the second set', '\u009b2J\u0085', ' 2J '],
  ['a mark that turns the direction of text', 'a\u202eb\u2066c\u061cd', 'a b c d'],
  ['what some programs take for the end of a line', 'a\u2028b\u2029c', 'a b c'],
])('a text without %s', (_, text, clean) => {
  expect(cleanText(text)).toBe(clean);
});

test('a text as it is: with line breaks and tabs, and in any script', () => {
  const text = 'one\n\ttwo → ä é 漢字 שלום 🙂';
  expect(cleanText(text)).toBe(text);
});
