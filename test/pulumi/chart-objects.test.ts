import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { MeshNamespace, StrictPeerAuthentication } from 'istio-module';
import { chartObjects, fingerprintOf, isIstioResource } from '../../lib/pulumi/chart-objects';
import { emptyChart, fakeModule } from '../mesh/synthesis';

describe('chartObjects', () => {
  test('puts every object after those it depends on, and names them', () => {
    const chart = emptyChart();
    new MeshNamespace(chart, 'shop', { name: 'shop' });
    fakeModule(chart);
    const objects = chartObjects(chart);
    const ids = objects.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, dependencies } of objects) {
      for (const dependency of dependencies) {
        expect(ids.indexOf(dependency)).toBeGreaterThanOrEqual(0);
        expect(ids.indexOf(dependency)).toBeLessThan(ids.indexOf(id));
      }
    }
    const policy = objects.find(({ title }) => title === 'PeerAuthentication/istio-system/default');
    expect(policy?.dependencies).toEqual(
      expect.arrayContaining([
        '/Namespace/istio-system',
        // This object, in turn, waits for istiod's Deployment.
        'admissionregistration.k8s.io/MutatingWebhookConfiguration/istio-sidecar-injector',
      ]),
    );
  });

  test('distinguishes kinds of the same name in different groups', () => {
    const chart = emptyChart();
    for (const group of ['networking.istio.io', 'gateway.networking.k8s.io']) {
      new ApiObject(chart, group, { apiVersion: `${group}/v1`, kind: 'Gateway', metadata: { name: 'public' } });
    }
    expect(chartObjects(chart).map(({ id, title }) => ({ id, title }))).toEqual([
      { id: 'networking.istio.io/Gateway/public', title: 'Gateway/public' },
      { id: 'gateway.networking.k8s.io/Gateway/public', title: 'Gateway/public' },
    ]);
  });

  /** The names of the same objects, held by different constructs in any order. */
  function namesOf(...parts: readonly ('shop' | 'stage' | 'settings')[]): readonly string[] {
    const chart = emptyChart();
    for (const part of parts) {
      const scope = new Construct(chart, `${part}-${String(parts.length)}`);
      if (part === 'settings') {
        new ApiObject(scope, 'object', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' } });
      } else {
        new MeshNamespace(scope, 'namespace', { name: part });
        new StrictPeerAuthentication(scope, 'strict', { namespace: part });
      }
    }
    return chartObjects(chart)
      .map(({ title }) => title)
      .sort();
  }

  test('names an object by its kind, namespace and name alone: not by its place, or by what stands beside it', () => {
    const shop = ['Namespace/shop', 'PeerAuthentication/shop/default'];
    const stage = ['Namespace/stage', 'PeerAuthentication/stage/default'];
    expect(namesOf('shop')).toEqual(shop);
    expect(namesOf('stage', 'shop')).toEqual([...shop, ...stage].sort());
    expect(namesOf('shop', 'stage')).toEqual(namesOf('stage', 'shop'));
    expect(namesOf('settings', 'stage', 'shop')).toEqual(['ConfigMap/settings', ...shop, ...stage].sort());
  });

  test('refuses two objects of one kind, namespace and name', () => {
    const chart = emptyChart();
    for (const id of ['one', 'other']) {
      new ApiObject(chart, id, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'settings', namespace: 'shop' },
      });
    }
    expect(() => chartObjects(chart)).toThrow(
      'mesh/other: the chart contains ConfigMap/shop/settings twice; give one of the two objects another name.',
    );
  });
});

test.each([
  ['networking.istio.io/v1', true],
  ['security.istio.io/v1', true],
  ['v1', false],
  ['apps/v1', false],
  ['notistio.io/v1', false],
])('isIstioResource of %s is %s', (apiVersion, expected) => {
  expect(isIstioResource({ apiVersion, kind: 'Any', metadata: { name: 'any' } })).toBe(expected);
});

describe('fingerprintOf', () => {
  const fingerprint = (data: string, order: readonly string[] = ['a', 'b']) => {
    const chart = emptyChart();
    for (const name of order) {
      new ApiObject(chart, name, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { data } });
    }
    return fingerprintOf(chartObjects(chart));
  };

  test('is the same for the same objects, in whatever order', () => {
    expect(fingerprint('x')).toBe(fingerprint('x', ['b', 'a']));
  });

  test('differs with any field', () => {
    expect(fingerprint('x')).not.toBe(fingerprint('y'));
  });
});
