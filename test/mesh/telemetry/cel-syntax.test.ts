import { isCel } from '../../../lib/mesh/telemetry/cel-syntax';

test.each([
  ...['response.code >= 500', "request.headers['x-a'] == 'b'", 'has(a.b)', 'a in [1, 2u, 0x1F,]', '-a.b(c) != !d'],
  ...['a ? b : c', '{"a": 1}.a', '[].all(x, x > 1e3)', 'r"\\d" + b\'x\'', '"""a\n"b"""', '1 + 2 * 3 % 4 // c', '.a.if'],
])('%s is CEL', (expression) => {
  expect(isCel(expression)).toBe(true);
});

test.each([
  ...['', 'response.code >=', '== 1', 'a b', '(', 'a &', '1..2', '08a', '"\\q"', "'a\nb'", 'if', 'in', 'a[', 'a.true'],
  ...[
    'null()',
    '9223372036854775808',
    '18446744073709551616u',
    '1e999',
    '"\\ud800"',
    'b"\\u0041"',
    'has(a)',
    '[1].all(1, a)',
  ],
  ...['(]', '{1}', 'a ? b', '$', '('.repeat(99) + 'a' + ')'.repeat(99)],
])('%s is not', (expression) => {
  expect(isCel(expression)).toBe(false);
});
