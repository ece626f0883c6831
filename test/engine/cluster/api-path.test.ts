import { apiPath } from '../../../lib/engine/cluster/api-path';

test.each([
  [{ apiVersion: 'v1', resource: 'pods' }, '/api/v1/pods'],
  [{ apiVersion: 'v1', resource: 'pods', namespace: 'shop' }, '/api/v1/namespaces/shop/pods'],
  [
    { apiVersion: 'apps/v1', resource: 'deployments', namespace: 'shop', name: 'cart.v1-a' },
    '/apis/apps/v1/namespaces/shop/deployments/cart.v1-a',
  ],
])('a path is made of its segments: %j', (location, path) => {
  expect(apiPath(location)).toBe(path);
});

test.each([
  '../../../../../api/v1/namespaces/kube-system/configmaps/x',
  '..',
  '.',
  '%2e%2e',
  'x?watch=true',
  'x#',
  '$`',
  'a/b',
  'a\\b',
  'a b',
  'Cart',
  'a..b',
  '',
  'a'.repeat(254),
])('a path with a segment that is not a valid name is refused: %s', (text) => {
  const refusal = expect.objectContaining({ code: 'InvalidOption' }) as Error;
  const location = { apiVersion: 'apps/v1', resource: 'deployments', namespace: 'shop', name: 'cart' };
  for (const part of ['resource', 'namespace', 'name', 'apiVersion'] as const) {
    expect(() => apiPath({ ...location, [part]: text === 'a/b' ? 'a/b/..' : text })).toThrow(refusal);
  }
});
