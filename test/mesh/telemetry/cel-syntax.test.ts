import { isCel } from '../../../lib/mesh/telemetry/cel-syntax';

test.each([
  ...['response.code >= 500', "request.headers['x-a'] == 'b'", 'has(a.b)', 'a in [1, 2u, 0x1F,]', '-a.b(c) != !d'],
  ...['a ? b : c', '{"a": 1}.a', '[].all(x, x > 1e3)', 'r"\\d" + b\'x\'', '"""a\n"b"""', '1 + 2 * 3 % 4 // c', '.a.if'],
])('%s is CEL', (expression) => {
  expect(isCel(expression)).toBe(true);
});

test.each([
  ...['', 'response.code >=', '== 1', 'a b', '(', 'a &', '1..2', '08a', "'a\nb'", 'if', 'in', 'a[', 'a.true'],
  ...['null()', '"\\ud800"', '(]', '{1}', 'a ? b', '$', 'has(a)', '[1].all(1, a)'],
  ...['9223372036854775808', '18446744073709551616u', '1e999', 'a[1e999]'],
])('%s is not', (expression) => {
  expect(isCel(expression)).toBe(false);
});
