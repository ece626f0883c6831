import { table, type Column, type Row } from '../../../lib/cli/output/table';

const plain = (_: unknown, text: string) => text;
const marked = (style: unknown, text: string) => `<${String(style)}>${text}</>`;

describe('a table that ends in sentences', () => {
  const columns: readonly Column[] = [{ title: 'NAME' }, { title: 'STATE' }, { title: 'REASON', wraps: true }];
  const rows: readonly Row[] = [
    { cells: ['a', { text: 'warn', style: 'red' }, 'one two three four five six seven eight'] },
    { cells: ['longer', 'x', ''], below: ['detail'] },
  ];
  const at = (width: number) => table(columns, rows, { columns: width, paint: plain });

  test('aligns its columns, and leaves no blanks at the end of a line', () => {
    const lines = [
      'NAME    STATE  REASON',
      'a       warn   one two three four five six seven eight',
      'longer  x',
      '    detail',
    ];
    expect(at(Infinity)).toEqual(lines);
    expect(at(54)).toEqual(lines);
  });

  test.each([53, 45])('wraps the last column into what is left of %d columns', (width) => {
    expect(at(width)).toEqual([
      'NAME    STATE  REASON',
      ...(width === 53
        ? ['a       warn   one two three four five six seven', '               eight']
        : ['a       warn   one two three four five six', '               seven eight']),
      'longer  x',
      '    detail',
    ]);
  });

  test('has the last column below the row where too little room is left', () => {
    expect(at(44)).toEqual([
      'NAME    STATE',
      'a       warn',
      '  one two three four five six seven eight',
      'longer  x',
      '    detail',
    ]);
  });

  test('has other columns below, too, where there is no room for them, with their titles', () => {
    expect(at(12)).toEqual([
      'NAME',
      'a',
      '  STATE: warn',
      '  one two',
      '  three four',
      '  five six',
      '  seven',
      '  eight',
      'longer',
      '  STATE: x',
      '    detail',
    ]);
  });

  test('keeps short sentences in their row, however little room there is', () => {
    const [, row] = table(columns, [{ cells: ['a', 'b', 'c d'] }], { columns: 19, paint: plain });
    expect(row).toBe('a     b      c d');
  });

  test('measures texts without their style, and styles each line', () => {
    const styled: readonly Column[] = [
      { title: { text: 'NAME', style: 'bold' } },
      { title: { text: 'STATE', style: 'bold' } },
      { title: { text: 'REASON', style: 'bold' }, wraps: true },
    ];
    const reason = { text: 'one two three four five six seven', style: 'dim' } as const;
    expect(
      table(styled, [{ cells: ['a', { text: 'warn', style: 'red' }, reason] }], { columns: 43, paint: marked }),
    ).toEqual([
      '<bold>NAME</>  <bold>STATE</>  <bold>REASON</>',
      'a     <red>warn</>   <dim>one two three four five six</>',
      '             <dim>seven</>',
    ]);
  });
});

describe('a table of short texts', () => {
  const columns: readonly Column[] = [
    { title: 'REVISION' },
    { title: '1.30.2', align: 'right' },
    { title: '1.31.1', align: 'right' },
  ];
  const rows: readonly Row[] = [
    { cells: ['canary', '7', { text: '120', style: 'yellow' }] },
    { cells: ['default', { text: '2!', style: 'red' }, '1234567'] },
  ];

  test('aligns numbers at their end', () => {
    expect(table(columns, rows, { columns: 25, paint: plain })).toEqual([
      'REVISION  1.30.2   1.31.1',
      'canary         7      120',
      'default       2!  1234567',
    ]);
    expect(table(columns, rows, { columns: Infinity, paint: marked }).slice(1)).toEqual([
      'canary         7      <yellow>120</>',
      'default       <red>2!</>  1234567',
    ]);
  });

  test('has what does not fit below its row, with its title, and breaks nothing', () => {
    expect(table(columns, rows, { columns: 24, paint: plain })).toEqual([
      'REVISION  1.30.2',
      'canary         7',
      '  1.31.1: 120',
      'default       2!',
      '  1.31.1: 1234567',
    ]);
    expect(table(columns, rows, { columns: 3, paint: marked })).toEqual([
      'REVISION',
      'canary',
      '  1.30.2: 7',
      '  1.31.1: <yellow>120</>',
      'default',
      '  1.30.2: <red>2!</>',
      '  1.31.1: 1234567',
    ]);
  });
});
