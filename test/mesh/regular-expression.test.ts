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
    ['a(?!b)', "'a(?!b)' looks around, which RE2 cannot: write it without (?= (?! (?<"],
    ['(?<=a)b', "'(?<=a)b' looks around, which RE2 cannot: write it without (?= (?! (?<"],
    ['(a)\\1', "'(a)\\1' refers back with \\1, which RE2 cannot: write it without"],
    ['\\Ga', "'\\Ga' has \\G, which RE2 does not know: write it in RE2 syntax"],
    ['\\é', "'\\é' has \\é, which RE2 does not know: write it in RE2 syntax"],
    ['a{1001}', "'a{1001}' repeats {1001}, which RE2 does not: repeat at most 1000 times"],
    ['a{1,2000}', "'a{1,2000}' repeats {1,2000}, which RE2 does not: repeat at most 1000 times"],
    ['(a{100}){11}', "'(a{100}){11}' repeats {11}, which RE2 does not: repeat at most 1000 times"],
    ['(?P<n>a)|(?<n>b)', "'(?P<n>a)|(?<n>b)' names two groups 'n': give each another name"],
    ['\\x{110000}', "'\\x{110000}' has \\x{110000}, which is no character: write one up to \\x{10FFFF}"],
    ['\\p{Foo}', "'\\p{Foo}' has the class \\p{Foo}, which RE2 does not know: write one such as \\pL or \\p{Greek}"],
    ['a\\E', "'a\\E' has \\E, which RE2 does not know: write it in RE2 syntax"],
    ['[\\b]', "'[\\b]' has \\b, which RE2 does not know: write it in RE2 syntax"],
    ['[[:foo:]]', "'[[:foo:]]' is not a regular expression: write it in RE2 syntax"],
    ['[b-a]', "'[b-a]' is not a regular expression: write it in RE2 syntax"],
    ['a)', "'a)' is not a regular expression: write it in RE2 syntax"],
    ['(?i)*', "'(?i)*' is not a regular expression: write it in RE2 syntax"],
    ['a{2}{3}', "'a{2}{3}' is not a regular expression: write it in RE2 syntax"],
    ['[', "'[' is not a regular expression: write it in RE2 syntax"],
    ['[^]', "'[^]' is not a regular expression: write it in RE2 syntax"],
    ['*.example.com', "'*.example.com' is not a regular expression: write it in RE2 syntax"],
    ['a++', "'a++' is not a regular expression: write it in RE2 syntax"],
  ])('%s is refused', (expression, problem) => {
    expect(problemOf(expression)).toBe(problem);
  });
});
