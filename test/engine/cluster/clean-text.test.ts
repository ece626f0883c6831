import { cleanText } from '../../../lib/engine/cluster/clean-text';

test.each([
  ['a control character', '\u001b[31mred\u0007', ' [31mred '],
  ['a control character of the C1 set', '\u009b2J\u0085', ' 2J '],
  ['a mark that turns the direction of text', 'a\u202eb\u2066c\u061cd', 'a b c d'],
  ['what some programs take for the end of a line', 'a\u2028b\u2029c', 'a b c'],
])('cleanText replaces %s by a blank', (_, text, clean) => {
  expect(cleanText(text)).toBe(clean);
});

test('cleanText keeps line breaks, tabs, and any script', () => {
  const text = 'one\n\ttwo → ä é 漢字 שלום 🙂';
  expect(cleanText(text)).toBe(text);
});
