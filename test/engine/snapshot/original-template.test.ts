import { originalTemplate } from '../../../lib/engine/snapshot/original-template';
import type { Pod } from '../../../lib/engine/cluster/objects';
import { IMAGE, injected, pod } from '../cluster-builder';

describe('originalTemplate', () => {
  const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
  const written = {
    metadata: { name: 'alone', labels: { app: 'a' } },
    spec: { containers: [{ name: 'app', image: 'app:1' }] },
  };
  const appliedAs = (text: string, name = 'alone') =>
    originalTemplate(injected(pod(name, { annotations: { [LAST_APPLIED]: text } }) as Pod, IMAGE));

  test('is what kubectl keeps of what its user applied', () => {
    expect(appliedAs(JSON.stringify(written))).toEqual({
      metadata: { labels: { app: 'a' }, annotations: {} },
      spec: written.spec,
    });
  });

  test('is what kubectl keeps even if lists in it are null', () => {
    const [app] = written.spec.containers;
    const spec = { containers: [{ ...app, env: null, volumeMounts: null }], volumes: null };
    expect(appliedAs(JSON.stringify({ ...written, spec })).spec).toEqual(spec);
  });

  const keptWith = (fields: object, ofContainer: object = {}) => {
    const containers = written.spec.containers.map((one) => ({ ...one, ...ofContainer }));
    return JSON.stringify({ ...written, spec: { containers, ...fields } });
  };
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;

  test.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['another pod', JSON.stringify({ ...written, metadata: { name: 'other' } })],
    ['no containers', JSON.stringify({ ...written, spec: {} })],
    ['containers that it does not have', JSON.stringify({ ...written, spec: { containers: [{ name: 'else' }] } })],
    ['invalid labels', JSON.stringify({ ...written, metadata: { name: 'alone', labels: { app: 1 } } })],
    ['volumes that are no list', keptWith({ volumes: {} })],
    ['a volume that is no object', keptWith({ volumes: [null] })],
    ['init containers that are no list', keptWith({ initContainers: {} })],
    ['variables that are no list', keptWith({}, { env: { A: 'b' } })],
    ['a mount without a name', keptWith({}, { volumeMounts: [{ mountPath: '/data' }] })],
    ['nested too deeply', keptWith({ deep: 0 }).replace(':0', `:${deep}`)],
  ])('is made from the pod where what is kept is %s', (_, text) => {
    expect(appliedAs(text).spec.containers).toEqual([{ name: 'app', image: 'app', volumeMounts: [] }]);
  });

  test('is without what the injector writes for the CNI agent by default, and with what its user chose', () => {
    const ranges = 'traffic.sidecar.istio.io/includeOutboundIPRanges';
    const annotationsOf = (value: string) =>
      originalTemplate(pod('alone', { annotations: { [ranges]: value } }) as Pod).metadata?.annotations;
    expect([annotationsOf('*'), annotationsOf('10.0.0.0/8')]).toEqual([{}, { [ranges]: '10.0.0.0/8' }]);
  });

  test('keeps a container that a template was merged into, less what that may have added', () => {
    const status = JSON.stringify({ containers: ['app', 'istio-proxy'] });
    const containers = [
      { name: 'app', image: 'app', lifecycle: {} },
      { name: 'istio-proxy', image: IMAGE },
    ];
    const merged = pod('alone', { annotations: { 'sidecar.istio.io/status': status }, spec: { containers } }) as Pod;
    expect(originalTemplate(merged).spec.containers).toEqual([{ name: 'app', image: 'app', volumeMounts: [] }]);
  });

  test('is the pod less what the injector, admission, the scheduler and the kubelet put into it', () => {
    const token = { name: 'kube-api-access-x7k2p', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' };
    const data = { name: 'data', mountPath: '/data' };
    const original = pod('alone', {
      labels: { app: 'alone' },
      annotations: { note: 'kept', 'kubernetes.io/config.mirror': 'abc', 'kubernetes.io/config.hash': 'abc' },
      spec: {
        containers: [{ name: 'app', image: 'app', volumeMounts: [token, data], readinessProbe: { tcpSocket: {} } }],
        initContainers: [{ name: 'migrate', image: 'app' }],
        volumes: [{ name: 'kube-api-access-x7k2p' }, { name: 'data', emptyDir: {} }],
        nodeName: 'node-1',
        priority: 0,
        preemptionPolicy: 'PreemptLowerPriority',
        ephemeralContainers: [{ name: 'debugger' }],
        serviceAccountName: 'alone',
      },
    }) as Pod;
    expect(originalTemplate(injected(original, IMAGE))).toEqual({
      metadata: { labels: { app: 'alone' }, annotations: { note: 'kept' } },
      spec: {
        containers: [{ name: 'app', image: 'app', volumeMounts: [data] }],
        initContainers: [{ name: 'migrate', image: 'app', volumeMounts: [] }],
        volumes: [{ name: 'data', emptyDir: {} }],
        serviceAccountName: 'alone',
      },
    });
  });

  const OVERRIDES = 'proxy.istio.io/overrides';
  const token = { name: 'kube-api-access-x7k2p', readOnly: true, mountPath: '/var/run/secrets' };
  const data = { name: 'data', mountPath: '/data' };
  const overridesOf = (value: string) =>
    originalTemplate(pod('alone', { annotations: { [OVERRIDES]: value } }) as Pod).metadata?.annotations?.[OVERRIDES];

  test.each<[string, unknown, unknown]>([
    [
      'of containers and init containers',
      {
        containers: [{ name: 'istio-proxy', image: 'mine', volumeMounts: [token, data] }],
        initContainers: [{ name: 'istio-init', volumeMounts: [token] }],
      },
      {
        containers: [{ name: 'istio-proxy', image: 'mine', volumeMounts: [data] }],
        initContainers: [{ name: 'istio-init' }],
      },
    ],
    [
      'beside what is malformed',
      { containers: [null, 5, { volumeMounts: 'x' }, { volumeMounts: [null, { name: 5 }, token] }], initContainers: 5 },
      { containers: [null, 5, { volumeMounts: 'x' }, { volumeMounts: [null, { name: 5 }] }], initContainers: 5 },
    ],
  ])('leaves the mounts of the token out of its overrides, %s', (_, overrides, left) => {
    expect(JSON.parse(overridesOf(JSON.stringify(overrides)) ?? '')).toEqual(left);
  });

  test.each(['{"containers": [', 'null', '[]', '5', '"kube-api-access-x"', ''])(
    'keeps overrides that are no record as they are: %s',
    (text) => {
      expect(overridesOf(text)).toBe(text);
    },
  );

  test('keeps overrides that are nested too deeply as they are', () => {
    const text = `{"containers":[],"deep":${deep}}`;
    expect(overridesOf(text) === text).toBe(true);
  });

  test('takes time in proportion to the length of its overrides', () => {
    const longest = `{"containers":[{"volumeMounts":[${Array(8_000).fill(JSON.stringify(token)).join()}]}]}`;
    // Processor time does not depend on what else runs on the machine.
    const began = process.cpuUsage();
    expect(overridesOf(longest)).toBe('{"containers":[{}]}');
    overridesOf('['.repeat(250_000));
    const { user, system } = process.cpuUsage(began);
    expect((user + system) / 1_000).toBeLessThan(1_000);
  });
});
