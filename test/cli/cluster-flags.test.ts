import { Command } from 'commander';
import { addClusterFlags, clusterOptions, seconds, type ClusterFlags } from '../../lib/cli/cluster-flags';

const parsed = (...args: readonly string[]) =>
  clusterOptions(addClusterFlags(new Command()).exitOverride().parse(args, { from: 'user' }).opts<ClusterFlags>());

describe('clusterOptions', () => {
  test('are empty without flags, so that the kubeconfig decides', () => {
    expect(parsed()).toEqual({});
  });

  test('give the flags the meaning that they have in kubectl', () => {
    expect(parsed('--kubeconfig', '/config', '--context=kind-shop', '--request-timeout', '1m30s')).toEqual({
      ...{ kubeconfig: '/config', context: 'kind-shop', requestTimeoutSeconds: 90 },
    });
  });

  test('wait as long as a timer can with a time limit of 0', () => {
    const { requestTimeoutSeconds = 0 } = parsed('--request-timeout', '0');
    expect(requestTimeoutSeconds).toBeGreaterThan(20 * 24 * 3600);
    // A timer with a longer delay fires at once.
    expect(requestTimeoutSeconds * 1000).toBeLessThan(2 ** 31);
  });
});

describe('seconds', () => {
  test.each(['556h', '554h3601s', '555.1h', '99999999999999999999'])(
    'refuses %j, which no timer can wait for',
    (text) => {
      expect(() => seconds(text)).toThrow('Write a duration of 555h or less.');
    },
  );

  test.each([
    ['0', 0],
    ['5', 5],
    ['5s', 5],
    ['2m', 120],
    ['1h', 3600],
    ['1h30m', 5400],
    ['1h1m1s', 3661],
    ['90m', 5400],
    ['555h', 1_998_000],
    ['500ms', 0.5],
    ['1.5s', 1.5],
    ['1.5h', 5400],
    ['.5m', 30],
    ['5.s', 5],
    ['5s2m', 125],
    ['1m500ms', 60.5],
    ['250000us', 0.25],
    ['250000µs', 0.25],
    ['500000000ns', 0.5],
  ])('%s is %d', (text, expected) => {
    expect(seconds(text)).toBe(expected);
  });

  test.each(['', 's', '.s', '5 s', '1.5', '1m30', '-5', '-5s', '5d', '1.2.3s', 'soon'])('refuses %j', (text) => {
    expect(() => seconds(text)).toThrow('Write a duration such as 30s, 5m or 1h30m.');
  });
});
