import * as pulumi from '@pulumi/pulumi';
import { ApiObject } from 'cdk8s';
import { MeshNamespace } from 'istio-module';
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
        // Which waits for istiod's Deployment in its turn.
        'admissionregistration.k8s.io/MutatingWebhookConfiguration/istio-sidecar-injector',
      ]),
    );
  });

  test('keeps apart kinds of the same name in different groups', () => {
    const chart = emptyChart();
    for (const group of ['networking.istio.io', 'gateway.networking.k8s.io']) {
      new ApiObject(chart, group, { apiVersion: `${group}/v1`, kind: 'Gateway', metadata: { name: 'public' } });
    }
    expect(chartObjects(chart).map(({ id, title }) => ({ id, title }))).toEqual([
      { id: 'networking.istio.io/Gateway/public', title: 'Gateway/public' },
      { id: 'gateway.networking.k8s.io/Gateway/public', title: 'Gateway/public' },
    ]);
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
      'mesh/other: the chart has two objects ConfigMap/shop/settings; give one of them another name.',
    );
  });
});

test.each([
  ['as it is', (output: pulumi.Output<string>) => output],
  ['within a text', (output: pulumi.Output<string>) => `prefix-${output as unknown as string}`],
])('chartObjects refuses an Output %s, with the path of the construct', (_, valueOf) => {
  const chart = emptyChart();
  const data = { key: valueOf(pulumi.output('value')) };
  new ApiObject(chart, 'settings', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data });
  expect(() => chartObjects(chart)).toThrow(
    "mesh/settings: it holds an Output of Pulumi, whose value is not known yet when the chart is synthesized; use a plain value, such as one of the stack's configuration.",
  );
});

test.each([
  ['networking.istio.io/v1', true],
  ['security.istio.io/v1', true],
  ['v1', false],
  ['apps/v1', false],
  ['notistio.io/v1', false],
])('isIstioResource tells %s: %s', (apiVersion, expected) => {
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
