import { shortChange, shortMessage } from '../../../lib/cli/output/short-change';

describe('shortChange', () => {
  test.each([
    ['docker.io/istio/proxyv2:1.30.2', 'docker.io/istio/proxyv2:1.31.1', '…:1.30.2 → …:1.31.1'],
    ['docker.io/istio/proxyv2:1', 'docker.io/istio/other:1', '…/proxyv2:1 → …/other:1'],
    ['docker.io/proxyv2', 'docker.io/proxyv2:1', '…/proxyv2 → …/proxyv2:1'],
    ['a.example/proxyv2:1', 'b.example/proxyv2:1', 'a.example/proxyv2:1 → b.example/proxyv2:1'],
    ['a/b:1', 'a/b:2', 'a/b:1 → a/b:2'],
    ['(none)', '3', '(none) → 3'],
    ['(not shown)', '(not shown)', '(changed)'],
    ['docker.io/istio/proxyv2:1', '(not shown)', 'docker.io/istio/proxyv2:1 → (not shown)'],
    ['some text: with words', 'some text: with others', 'some text: with words → some text: with others'],
  ])('%s → %s', (old, now, expected) => {
    expect(shortChange({ old, new: now })).toBe(expected);
  });
});

describe('shortMessage', () => {
  test('shortens the values of changes in the message, and nothing else', () => {
    const differences = [
      { path: 'a', old: 'docker.io/proxy:$1', new: 'docker.io/proxy:$&' },
      { path: 'b', old: '1', new: '2' },
    ];
    expect(shortMessage('1 of 2 pods (a docker.io/proxy:$1 → docker.io/proxy:$&, and 1 more)', differences)).toBe(
      '1 of 2 pods (a …:$1 → …:$&, and 1 more)',
    );
  });
});
