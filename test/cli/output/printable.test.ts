import { printable } from '../../../lib/cli/output/printable';

test('printable removes marks that change the direction of text, and line separators', () => {
  expect(printable({ a: 'a\u202eb\u2066c\u200fd\u2028e' })).toEqual({ a: 'a b c d e' });
});

test('printable removes control characters from every text, and blanks around it', () => {
  const data = {
    a: ['one\n  two\r\n', '\u001b[31mred\u001b[0m'],
    b: { c: '\u009b2J', d: 1, e: false, f: '  plain → ' },
  };
  expect(printable(data)).toEqual({ a: ['one two', '[31mred [0m'], b: { c: '2J', d: 1, e: false, f: 'plain →' } });
});
