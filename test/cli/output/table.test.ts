import { table, type Row } from '../../../lib/cli/output/table';

const rows: readonly Row[] = [
  { cells: ['a', { text: 'warn', style: 'red' }, 'one two three four five six seven eight'] },
  { cells: ['longer', 'x', ''], below: ['detail'] },
];
const plain = (_: unknown, text: string) => text;

describe('table', () => {
  test('aligns its columns, and leaves no blanks at the end of a line', () => {
    expect(table(['NAME', 'STATE', 'REASON'], rows, { columns: Infinity, paint: plain })).toEqual([
      'NAME    STATE  REASON',
      'a       warn   one two three four five six seven eight',
      'longer  x',
      '    detail',
    ]);
  });

  test('wraps the last column into what is left of the width', () => {
    expect(table(['NAME', 'STATE', 'REASON'], rows, { columns: 45, paint: plain })).toEqual([
      'NAME    STATE  REASON',
      'a       warn   one two three four five six',
      '               seven eight',
      'longer  x',
      '    detail',
    ]);
  });

  test('has it below where too little is left', () => {
    expect(table(['NAME', 'STATE', 'REASON'], rows, { columns: 44, paint: plain })).toEqual([
      'NAME    STATE',
      'a       warn',
      '  one two three four five six seven eight',
      'longer  x',
      '    detail',
    ]);
  });

  test('measures texts without their style', () => {
    const paint = (style: unknown, text: string) => `<${String(style)}>${text}</>`;
    expect(table(['NAME', 'STATE', 'REASON'], rows.slice(0, 1), { columns: Infinity, paint })).toEqual([
      '<bold>NAME</>  <bold>STATE</>  <bold>REASON</>',
      'a     <red>warn</>   one two three four five six seven eight',
    ]);
  });
});
