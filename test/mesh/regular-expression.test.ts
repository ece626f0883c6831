import { Match, TrafficPolicy, Destination } from 'istio-module';
import { emptyChart } from './synthesis';

function problemOf(expression: string): string | undefined {
  try {
    new TrafficPolicy(emptyChart(), 'reviews', {
      namespace: 'shop',
      host: 'reviews',
      routes: [{ match: [Match.uri().regex(expression)], to: [Destination.host()] }],
    });
    return undefined;
  } catch (error) {
    return (error as Error).message.replace('TrafficPolicy mesh/reviews: routes[0].match: uri ', '');
  }
}

describe('a regular expression', () => {
  test.each([
    '/v[0-9]+/.*',
    '(?i)/a',
    '(?i-s:/a)(?P<id>\\d+)',
    '(?<id>\\w+)\\.html',
    '\\pL+\\p{Greek}\\z',
    '\\Q(\\E',
    '[]a]+[^]]',
    '[[:alpha:]]{2,1000}',
    '\\(?=a[(?=]',
    '\\\\1',
    '(|a)*?',
    '\\x{1F600}\\012\\_[\\d-z]{,3}{02}',
    '((a{10}){10}){10}',
    '\\p{^Lu}\\P{Thai}[\\pN]',
  ])('%s is taken', (expression) => {
    expect(problemOf(expression)).toBeUndefined();
  });

  test.each([
    ['', 'is an empty regular expression: write one, or leave the condition out'],
    ['a'.repeat(1025), 'is 1025 bytes long: write at most 1024'],
    ['é'.repeat(600), 'is 1200 bytes long: write at most 1024'],
    ['a(?!b)', "'a(?!b)' uses a lookaround, which RE2 does not support: write it without (?= (?! (?<= (?<!"],
    ['(?<=a)b', "'(?<=a)b' uses a lookaround, which RE2 does not support: write it without (?= (?! (?<= (?<!"],
    ['(a)\\1', "'(a)\\1' is not a valid regular expression (invalid escape sequence: `\\1`): write it in RE2 syntax"],
    ['\\Ga', "'\\Ga' is not a valid regular expression (invalid escape sequence: `\\G`): write it in RE2 syntax"],
    ['\\é', "'\\é' is not a valid regular expression (invalid escape sequence: `\\é`): write it in RE2 syntax"],
    ['a{1001}', "'a{1001}' is not a valid regular expression (invalid repeat count: `{1001}`): write it in RE2 syntax"],
    [
      'a{1,2000}',
      "'a{1,2000}' is not a valid regular expression (invalid repeat count: `{1,2000}`): write it in RE2 syntax",
    ],
    [
      '(a{100}){11}',
      "'(a{100}){11}' is not a valid regular expression (invalid repeat count: `{11}`): write it in RE2 syntax",
    ],
    [
      '(?P<n>a)|(?<n>b)',
      "'(?P<n>a)|(?<n>b)' is not a valid regular expression (duplicate capture group name: `n`): write it in RE2 syntax",
    ],
    [
      '\\x{110000}',
      "'\\x{110000}' is not a valid regular expression (invalid escape sequence: `\\x{110000`): write it in RE2 syntax",
    ],
    [
      '\\p{Foo}',
      "'\\p{Foo}' is not a valid regular expression (invalid character class range: `\\p{Foo}`): write it in RE2 syntax",
    ],
    ['a\\E', "'a\\E' is not a valid regular expression (invalid escape sequence: `\\E`): write it in RE2 syntax"],
    ['[\\b]', "'[\\b]' is not a valid regular expression (invalid escape sequence: `\\b`): write it in RE2 syntax"],
    [
      '[[:foo:]]',
      "'[[:foo:]]' is not a valid regular expression (invalid character class range: `[:foo:]`): write it in RE2 syntax",
    ],
    [
      '[b-a]',
      "'[b-a]' is not a valid regular expression (invalid character class range: `b-a`): write it in RE2 syntax",
    ],
    ['a)', "'a)' is not a valid regular expression (unexpected ): `a)`): write it in RE2 syntax"],
    [
      '(?i)*',
      "'(?i)*' is not a valid regular expression (missing argument to repetition operator: `*`): write it in RE2 syntax",
    ],
    [
      'a{2}{3}',
      "'a{2}{3}' is not a valid regular expression (invalid nested repetition operator: `{2}{3}`): write it in RE2 syntax",
    ],
    ['[', "'[' is not a valid regular expression (missing closing ]: `[`): write it in RE2 syntax"],
    ['[^]', "'[^]' is not a valid regular expression (missing closing ]: `[^]`): write it in RE2 syntax"],
    [
      '*.example.com',
      "'*.example.com' is not a valid regular expression (missing argument to repetition operator: `*`): write it in RE2 syntax",
    ],
    [
      'a++',
      "'a++' is not a valid regular expression (invalid nested repetition operator: `++`): write it in RE2 syntax",
    ],
  ])('%s is refused', (expression, problem) => {
    expect(problemOf(expression)).toBe(problem);
  });
});
