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
  ])('%s is taken', (expression) => {
    expect(problemOf(expression)).toBeUndefined();
  });

  test.each([
    ['', 'is an empty regular expression: write one, or leave the condition out'],
    ['a'.repeat(1025), 'is 1025 characters long: write at most 1024'],
    ['a(?!b)', "'a(?!b)' looks around, which RE2 cannot: write it without (?= (?! (?<"],
    ['(?<=a)b', "'(?<=a)b' looks around, which RE2 cannot: write it without (?= (?! (?<"],
    ['(a)\\1', "'(a)\\1' refers back with \\1, which RE2 cannot: write it without"],
    ['\\Ga', "'\\Ga' has \\G, which RE2 does not know: write it in RE2 syntax"],
    ['\\é', "'\\é' has \\é, which RE2 does not know: write it in RE2 syntax"],
    ['a{1001}', "'a{1001}' repeats {1001}, which RE2 does not: repeat at most 1000 times"],
    ['a{1,2000}', "'a{1,2000}' repeats {1,2000}, which RE2 does not: repeat at most 1000 times"],
    ['[', "'[' is not a regular expression: write it in RE2 syntax"],
    ['[^]', "'[^]' is not a regular expression: write it in RE2 syntax"],
    ['*.example.com', "'*.example.com' is not a regular expression: write it in RE2 syntax"],
    ['a++', "'a++' is not a regular expression: write it in RE2 syntax"],
  ])('%s is refused', (expression, problem) => {
    expect(problemOf(expression)).toBe(problem);
  });
});
