import { printable } from '../../../lib/cli/output/printable';

test('printable leaves no mark that turns the direction of text, and no separator of lines', () => {
  expect(printable({ a: 'a\u202eb\u2066c\u200fd\u2028e' })).toEqual({ a: 'a b c d e' });
});

test('printable leaves no control characters in any text, and no blanks around it', () => {
  const data = {
    a: ['one\n  two\r\n', '\u001b[31mred\u001b[0m'],
    b: { c: '\u009b2J', d: 1, e: false, f: '  plain → ' },
  };
  expect(printable(data)).toEqual({ a: ['one two', '[31mred [0m'], b: { c: '2J', d: 1, e: false, f: 'plain →' } });
});
