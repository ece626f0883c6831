import { effectiveMutualTls } from '../../../../lib/engine/istio/mutual-tls/effective-mutual-tls';
import { policy } from '../../inspect/inspection-of';

const ROOT = 'istio-system';
const APP = { app: 'cart' };
const LATER = '2026-02-01T00:00:00Z';

describe('effective mutual TLS', () => {
  test('is PERMISSIVE without any policy', () => {
    const { mesh, ofNamespace, ofPods } = effectiveMutualTls([], ROOT);
    expect([mesh, ofNamespace('shop'), ofPods('shop', APP)]).toEqual(Array(3).fill({ mode: 'PERMISSIVE' }));
  });

  test('is what the narrowest policy says: for pods, for the namespace, for the mesh', () => {
    const pods = policy('shop', 'DISABLE', { name: 'cart', selector: APP });
    const { mesh, ofNamespace, ofPods } = effectiveMutualTls(
      [policy(ROOT, 'STRICT'), policy('shop', 'PERMISSIVE'), pods],
      ROOT,
    );
    expect([mesh.mode, ofNamespace('bank').mode, ofNamespace('shop').mode]).toEqual(['STRICT', 'STRICT', 'PERMISSIVE']);
    expect(ofPods('shop', { ...APP, version: 'v1' })).toEqual({ mode: 'DISABLE', policy: pods });
    expect([ofPods('shop', { app: 'web' }).mode, ofPods('bank', APP).mode]).toEqual(['PERMISSIVE', 'STRICT']);
  });

  test.each([
    ['for the mesh', ROOT, undefined],
    ['for a namespace', 'shop', undefined],
    ['for pods', 'shop', APP],
  ])('is what the oldest of several policies %s says, whatever their order', (_, namespace, selector) => {
    const young = policy(namespace, 'STRICT', { name: 'a', selector, createdAt: LATER });
    const old = policy(namespace, 'DISABLE', { name: 'b', selector });
    for (const policies of [
      [young, old],
      [old, young],
    ]) {
      expect(effectiveMutualTls(policies, ROOT).ofPods('shop', APP)).toEqual({ mode: 'DISABLE', policy: old });
    }
  });

  test('is decided by name between policies of the same second', () => {
    const policies = [policy('shop', 'STRICT', { name: 'a-b' }), policy('shop', 'DISABLE', { name: 'a' })];
    expect(effectiveMutualTls(policies, ROOT).ofNamespace('shop').mode).toBe('DISABLE');
  });

  test.each(['UNSET', undefined])('is the wider policy’s where the oldest narrower one has mode %s', (mode) => {
    const policies = [
      policy(ROOT, 'STRICT'),
      policy('shop', mode),
      policy('shop', 'DISABLE', { name: 'ignored', createdAt: LATER }),
      policy('shop', mode, { name: 'cart', selector: APP }),
    ];
    const { mesh, ofNamespace, ofPods } = effectiveMutualTls(policies, ROOT);
    expect([ofNamespace('shop'), ofPods('shop', APP)]).toEqual([mesh, mesh]);
  });

  test('takes a policy with an empty selector for one of the namespace', () => {
    expect(effectiveMutualTls([policy('shop', 'STRICT', { selector: {} })], ROOT).ofNamespace('shop').mode).toBe(
      'STRICT',
    );
  });

  test('knows no policies for pods in the root namespace', () => {
    const policies = [policy('mesh', 'STRICT'), policy('mesh', 'DISABLE', { name: 'cart', selector: APP })];
    expect(effectiveMutualTls(policies, 'mesh').ofPods('mesh', APP).mode).toBe('STRICT');
    expect(effectiveMutualTls(policies, 'mesh').ofPods('shop', APP).mode).toBe('STRICT');
  });
});
