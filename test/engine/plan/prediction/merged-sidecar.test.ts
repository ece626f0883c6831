import { mergedSidecar } from '../../../../lib/engine/plan/prediction/merged-sidecar';
import type { Sidecar } from '../../../../lib/engine/injector/sidecar';

const sidecar = (fields: Record<string, unknown>, revision = 'default'): Sidecar => ({
  revision,
  containers: { 'istio-proxy': { placement: 'container', fields } },
  volumes: {},
});

describe('mergedSidecar', () => {
  test('is what the injector gives today in all that the change leaves as it is', () => {
    const today = sidecar({ image: 'proxyv2:1', env: { ISTIO_META_OWNER: 'deployments/cart' } });
    const offline = sidecar({ image: 'proxyv2:1', env: { ISTIO_META_OWNER: 'deployments/unknown' } });
    expect(mergedSidecar(today, offline, offline)).toEqual(today);
  });

  test('has what changes, what is added and what is gone, beside it', () => {
    const today = sidecar({ image: 'proxyv2:1', args: ['a'], env: { OWNER: 'cart', OLD: '1', KEPT: '1' } });
    const before = sidecar({ image: 'proxyv2:1', args: ['a'], env: { OWNER: 'unknown', OLD: '1', KEPT: '1' } });
    const coming = sidecar({ image: 'proxyv2:2', args: ['a', 'b'], env: { OWNER: 'unknown', NEW: '2', KEPT: '1' } });
    expect(mergedSidecar(today, before, coming)).toEqual(
      sidecar({ image: 'proxyv2:2', args: ['a', 'b'], env: { OWNER: 'cart', NEW: '2', KEPT: '1' } }),
    );
  });

  test('goes into the JSON that Istio keeps in variables', () => {
    const variable = (config: object) => sidecar({ env: { PROXY_CONFIG: JSON.stringify(config) } });
    const merged = mergedSidecar(
      variable({ discoveryAddress: 'istiod.real:15012', concurrency: 2 }),
      variable({ discoveryAddress: 'istiod.offline:15012', concurrency: 2 }),
      variable({ discoveryAddress: 'istiod.offline:15012', concurrency: 3 }),
    );
    expect(merged).toEqual(variable({ discoveryAddress: 'istiod.real:15012', concurrency: 3 }));
  });
});
