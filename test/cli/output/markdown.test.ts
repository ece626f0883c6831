import { fitting, markdownBlock, markdownCode, markdownRow, markdownText } from '../../../lib/cli/output/markdown';

describe('markdownText', () => {
  test.each([
    ['a|b', 'a\\|b'],
    ['a\\|b', 'a\\\\\\|b'],
    ['`a` *b* _c_ [d] <e> ~f~ &amp;', '\\`a\\` \\*b\\* \\_c\\_ \\[d\\] \\<e\\> \\~f\\~ \\&amp;'],
    ['@team and a@b, x/@y', '@<!-- -->team and a@b, x/@y'],
  ])('escapes %s', (text, expected) => {
    expect(markdownText(text)).toBe(expected);
  });
});

test('markdownRow keeps empty cells', () => {
  expect(markdownRow(['a', '', 'b'])).toBe('| a |  | b |');
});

describe('code', () => {
  test.each([
    ['kubectl get', '`kubectl get`'],
    ['a `b` c', '``a `b` c``'],
    ['`b`', '`` `b` ``'],
    ['a``b', '```a``b```'],
  ])('within a line has more backticks around it than it contains: %s', (text, expected) => {
    expect(markdownCode(text)).toBe(expected);
  });

  test('as a block has a longer fence than any in its lines', () => {
    expect(markdownBlock(['a', 'b'])).toBe('```text\na\nb\n```');
    expect(markdownBlock(['````'])).toBe('`````text\n````\n`````');
  });
});

describe('fitting', () => {
  const leftOut = (count: number) => `${String(count)} more`;
  const parts = [{ text: 'aaaa' }, { text: 'bbbb', count: 3 }, { text: 'cccc' }];

  test('keeps all that fits', () => {
    expect(fitting(parts, { limit: 15, leftOut })).toEqual(['aaaa', 'bbbb', 'cccc']);
    expect(fitting([], { limit: 0, leftOut })).toEqual([]);
  });

  test.each([
    [14, ['aaaa', '4 more']],
    [12, ['aaaa', '4 more']],
    [11, ['5 more']],
  ])('leaves out what exceeds %d characters, and says how much', (limit, expected) => {
    const found = fitting(parts, { limit, leftOut });
    expect(found).toEqual(expected);
    expect(found.join('\n').length).toBeLessThan(limit);
  });
});
