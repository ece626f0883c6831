import { hasRecord, isGateway, isTokenVolume, needsInjector, sidecarOf } from '../../../lib/engine/injector/sidecar';
import type { PodSpec } from '../../../lib/engine/cluster/objects';

const podOf = (spec: PodSpec, annotations: Record<string, string> = {}) => ({ metadata: { annotations }, spec });
const proxy = { name: 'istio-proxy', image: 'proxy:1' };

describe('sidecarOf', () => {
  test('finds none in a pod without the proxy', () => {
    expect(sidecarOf(podOf({ containers: [{ name: 'app' }] }))).toBeUndefined();
  });

  test('finds none in a pod whose proxy still has the placeholder image', () => {
    const pod = podOf({ containers: [{ ...proxy, image: 'auto' }] });
    expect(sidecarOf(pod)).toBeUndefined();
    expect(needsInjector(pod)).toBe(true);
    expect(needsInjector(podOf({ containers: [], initContainers: [{ ...proxy, image: 'auto' }] }))).toBe(true);
  });

  test('finds none in the proxy of a node, which has the same name in ambient mode', () => {
    expect(sidecarOf(podOf({ containers: [{ ...proxy, args: ['proxy', 'ztunnel'] }] }))).toBeUndefined();
    expect(sidecarOf(podOf({ containers: [{ ...proxy, args: ['proxy', 'sidecar'] }] }))).toBeDefined();
  });

  test('takes what the record on the pod names, and nothing of the application', () => {
    const status = { initContainers: ['istio-init'], containers: ['istio-proxy', 'helper'], volumes: ['istio-envoy'] };
    expect(
      sidecarOf(
        podOf(
          {
            initContainers: [{ name: 'istio-init', image: 'proxy:1' }, { name: 'migrate' }],
            containers: [{ name: 'app' }, { name: 'helper', image: 'helper' }, proxy],
            volumes: [{ name: 'istio-envoy', emptyDir: {} }, { name: 'data' }],
          },
          { 'sidecar.istio.io/status': JSON.stringify({ ...status, revision: 'canary' }) },
        ),
      ),
    ).toEqual({
      revision: 'canary',
      containers: {
        'istio-init': { placement: 'init container', fields: { image: 'proxy:1' } },
        helper: { placement: 'container', fields: { image: 'helper' } },
        'istio-proxy': { placement: 'container', fields: { image: 'proxy:1' } },
      },
      volumes: { 'istio-envoy': { emptyDir: {} } },
    });
  });

  test('finds a native sidecar among the init containers', () => {
    const spec = { containers: [{ name: 'app' }], initContainers: [{ ...proxy, restartPolicy: 'Always' }] };
    expect(sidecarOf(podOf(spec))?.containers['istio-proxy']?.placement).toBe('native sidecar');
  });

  test.each(['not json', 'null', '"text"', '{"containers":null,"volumes":null}'])(
    'finds the proxy by its name when the record on the pod is %s',
    (status) => {
      const sidecar = sidecarOf(podOf({ containers: [proxy] }, { 'sidecar.istio.io/status': status }));
      expect(Object.keys(sidecar?.containers ?? {})).toEqual(['istio-proxy']);
    },
  );

  test('leaves out the mount of the random token volume, and no other', () => {
    const volumeMounts = [
      { name: 'kube-api-access-x7k2p', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' },
      { name: 'istio-envoy', mountPath: '/etc/istio/proxy' },
    ];
    const sidecar = sidecarOf(podOf({ containers: [{ ...proxy, volumeMounts }] }));
    expect(sidecar?.containers['istio-proxy']?.fields.volumeMounts).toEqual({
      '/etc/istio/proxy': { name: 'istio-envoy' },
    });
    expect([isTokenVolume('kube-api-access-x7k2p'), isTokenVolume('istio-token')]).toEqual([true, false]);
  });

  test('keys variables by name, and keeps one without a value', () => {
    const valueFrom = { fieldRef: { fieldPath: 'metadata.name' } };
    const env = [{ name: 'A', value: '1' }, { name: 'B', valueFrom }, { name: 'C' }];
    expect(sidecarOf(podOf({ containers: [{ ...proxy, env }] }))?.containers['istio-proxy']?.fields.env).toEqual({
      A: '1',
      B: valueFrom,
      C: '',
    });
  });
});

test.each([
  [undefined, false],
  ['', false],
  ['{}', true],
  ['injected', true],
])('a record of injection that is %j counts as one: %s', (record, expected) => {
  expect(hasRecord(record === undefined ? {} : { 'sidecar.istio.io/status': record })).toBe(expected);
});

describe('isGateway', () => {
  const templates = (value: string) => ({
    metadata: { annotations: { 'inject.istio.io/templates': value } },
    spec: { containers: [] },
  });

  test.each([
    ['gateway', true],
    ['helper, gateway', true],
    ['sidecar', false],
    ['my-gateway', false],
  ])('of the injection templates %s is %s', (value, expected) => {
    expect(isGateway(templates(value))).toBe(expected);
  });

  test('is true for the placeholder image', () => {
    expect(isGateway({ spec: { containers: [{ ...proxy, image: 'auto' }] } })).toBe(true);
    expect(isGateway({ spec: { containers: [proxy] } })).toBe(false);
  });
});
