import { differenceLines } from '../../../lib/engine/report/difference-lines';

describe('differenceLines', () => {
  test('are one for each change, with all containers that have it', () => {
    expect(
      differenceLines([
        { path: 'istio.io/rev', old: 'default', new: 'canary' },
        { path: 'istio-init.image', old: 'proxy:1', new: 'proxy:2' },
        { path: 'istio-proxy.env.PROXY_CONFIG.tracing.sampling', old: '1', new: '5' },
        { path: 'istio-proxy.env.DB_PASS', old: '(not shown)', new: '(not shown)' },
        { path: 'istio-proxy.image', old: 'proxy:1', new: 'proxy:2' },
        { path: 'istio-validation', old: '(none)', new: 'init container' },
        { path: 'istio-validation.image', old: 'proxy:1', new: 'proxy:3' },
        { path: 'volumes.istio-envoy.emptyDir.medium', old: '(none)', new: 'Memory' },
      ]),
    ).toEqual([
      'istio.io/rev: default → canary',
      'istio-init, istio-proxy: image proxy:1 → proxy:2',
      'istio-proxy: env.PROXY_CONFIG.tracing.sampling 1 → 5',
      'istio-proxy: env.DB_PASS (changed)',
      'istio-validation: (none) → init container',
      'istio-validation: image proxy:1 → proxy:3',
      'volumes: istio-envoy.emptyDir.medium (none) → Memory',
    ]);
  });

  test('name the pods that differ so, and keep them apart from others', () => {
    expect(
      differenceLines([
        { path: 'sidecar', old: '(none)', new: 'proxy:2', pods: ['cart-2'] },
        { path: 'istio-init.image', old: 'proxy:1', new: 'proxy:2', pods: ['cart-0', 'cart-1'] },
        { path: 'istio-proxy.image', old: 'proxy:1', new: 'proxy:2', pods: ['cart-0', 'cart-1'] },
        { path: 'istio-proxy.resources.limits.cpu', old: '1', new: '2', pods: ['cart-1'] },
      ]),
    ).toEqual([
      'sidecar: (none) → proxy:2 (in cart-2)',
      'istio-init, istio-proxy: image proxy:1 → proxy:2 (in cart-0, cart-1)',
      'istio-proxy: resources.limits.cpu 1 → 2 (in cart-1)',
    ]);
  });

  test('say that only the registry of an image is another', () => {
    const lines = (old: string, now: string) =>
      differenceLines(['istio-init', 'istio-proxy'].map((name) => ({ path: `${name}.image`, old, new: now })));
    expect(lines('gcr.io/istio-release/proxyv2:1.30.4', 'docker.io/istio/proxyv2:1.30.4')).toEqual([
      'istio-init, istio-proxy: registry gcr.io/istio-release → docker.io/istio (the image proxyv2:1.30.4 is the same)',
    ]);
    expect(lines('gcr.io/istio-release/proxyv2:1.30.4', 'docker.io/istio/proxyv2:1.31.1')).toEqual([
      'istio-init, istio-proxy: image gcr.io/istio-release/proxyv2:1.30.4 → docker.io/istio/proxyv2:1.31.1',
    ]);
    expect(lines('…/istio/proxyv2:1.30.4', '…/mirror/proxyv2:1.30.4')).toEqual([
      'istio-init, istio-proxy: image …/istio/proxyv2:1.30.4 → …/mirror/proxyv2:1.30.4',
    ]);
  });

  test('are empty without differences', () => {
    expect(differenceLines([])).toEqual([]);
  });
});
