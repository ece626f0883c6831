import { injectorGives, istioDecides } from '../../../lib/engine/injector/attribution';
import { differences } from '../../../lib/engine/injector/differences';
import type { Sidecar } from '../../../lib/engine/injector/sidecar';

const proxy = (fields: object, volumes: Sidecar['volumes'] = {}): Sidecar => ({
  revision: 'default',
  containers: {
    'istio-proxy': { placement: 'native sidecar', fields: { image: 'docker.io/istio/proxyv2:1', ...fields } },
  },
  volumes,
});
const paths = (running: Sidecar, expected: Sidecar) => differences(running, expected).map(({ path }) => path);
const cpu = (request: string) => ({ resources: { requests: { cpu: request } } });

const PROBE = { httpGet: { path: '/healthz/ready', port: 15021 } };

describe('what Istio decides of a sidecar', () => {
  test.each<[string, object, object, object, readonly string[]]>([
    ['what dry run and injector agree on', cpu('100m'), cpu('110m'), cpu('110m'), ['resources.requests.cpu']],
    [
      'a quantity that the API server writes otherwise',
      cpu('100m'),
      cpu('2'),
      cpu('2000m'),
      ['resources.requests.cpu'],
    ],
    [
      'a request that the injector no longer gives, so that the API server sets it to the limit',
      { resources: { requests: { cpu: '100m' }, limits: { cpu: '2' } } },
      { resources: { requests: { cpu: '2' }, limits: { cpu: '2' } } },
      { resources: { limits: { cpu: '2' } } },
      ['resources.requests.cpu'],
    ],
    [
      'a pull policy that the injector no longer gives, so that the API server sets its default',
      { imagePullPolicy: 'Always' },
      { imagePullPolicy: 'IfNotPresent' },
      {},
      ['imagePullPolicy'],
    ],
    [
      'a field that the injector no longer gives, so that the API server sets its default',
      { terminationMessagePolicy: 'FallbackToLogsOnError' },
      { terminationMessagePolicy: 'File' },
      {},
      ['terminationMessagePolicy'],
    ],
    [
      'fields of a probe that the injector no longer gives, so that the API server sets their defaults',
      { readinessProbe: { ...PROBE, failureThreshold: 4, periodSeconds: 15, timeoutSeconds: 3 } },
      { readinessProbe: { ...PROBE, failureThreshold: 3, periodSeconds: 10, timeoutSeconds: 1 } },
      { readinessProbe: PROBE },
      ['readinessProbe.failureThreshold', 'readinessProbe.periodSeconds', 'readinessProbe.timeoutSeconds'],
    ],
    [
      'the divisor of a variable that the injector no longer gives, so that the API server sets its default',
      { env: { CPUS: { resourceFieldRef: { divisor: '1m', resource: 'limits.cpu' } } } },
      { env: { CPUS: { resourceFieldRef: { divisor: '0', resource: 'limits.cpu' } } } },
      { env: { CPUS: { resourceFieldRef: { resource: 'limits.cpu' } } } },
      ['env.CPUS.resourceFieldRef.divisor'],
    ],
    [
      'the protocol of a port that the injector no longer gives, so that the API server sets its default',
      { ports: [{ containerPort: 15090, protocol: 'UDP' }] },
      { ports: [{ containerPort: 15090, protocol: 'TCP' }] },
      { ports: [{ containerPort: 15090 }] },
      ['ports'],
    ],
    [
      'not a default that another webhook sets instead of the value of the injector',
      { terminationMessagePolicy: 'FallbackToLogsOnError' },
      { terminationMessagePolicy: 'File' },
      { terminationMessagePolicy: 'FallbackToLogsOnError' },
      [],
    ],
    [
      'not a default in a probe that another webhook adds',
      { livenessProbe: { ...PROBE, periodSeconds: 5 } },
      { livenessProbe: { ...PROBE, periodSeconds: 10 } },
      {},
      [],
    ],
    [
      'not a value other than the default that another webhook sets',
      { terminationMessagePolicy: 'File' },
      { terminationMessagePolicy: 'FallbackToLogsOnError' },
      {},
      [],
    ],
    ['not an empty variable of another webhook', { env: { A: '1' } }, { env: { A: '' } }, { env: {} }, []],
    [
      'not a request that another webhook sets beside the limit of the injector',
      { resources: { requests: { cpu: '120m' }, limits: { cpu: '2' } } },
      { resources: { requests: { cpu: '131m' }, limits: { cpu: '2' } } },
      { resources: { limits: { cpu: '2' } } },
      [],
    ],
    ['not what another webhook sets', cpu('120m'), cpu('131m'), cpu('100m'), []],
    ['what neither gives any more', { env: { OLD: '1' } }, { env: {} }, { env: {} }, ['env.OLD']],
    ['not what another webhook adds', { env: { ID: 'a' } }, { env: { ID: 'b' } }, { env: {} }, []],
    ['not what another webhook takes away', { env: { A: '1' } }, { env: {} }, { env: { A: '1' } }, []],
    [
      'a field within the JSON of a variable',
      { env: { PROXY_CONFIG: '{"concurrency":1,"x":"a"}' } },
      { env: { PROXY_CONFIG: '{"concurrency":2,"x":"b"}' } },
      { env: { PROXY_CONFIG: '{"concurrency":2,"x":"a"}' } },
      ['env.PROXY_CONFIG.concurrency'],
    ],
    [
      'a new field, which the API server completes',
      {},
      { startupProbe: { httpGet: { path: '/', port: 15021, scheme: 'HTTP' }, successThreshold: 1 } },
      { startupProbe: { httpGet: { path: '/', port: 15021 } } },
      ['startupProbe'],
    ],
    ['not a new field of others', {}, { stdin: true }, {}, []],
    ['of a list, the items that the injector gives', { args: ['a'] }, { args: ['b', 'x'] }, { args: ['b'] }, ['args']],
    ['of a list, not those of others', { args: ['a'] }, { args: ['a', 'x'] }, { args: ['a'] }, []],
    [
      'an image, whoever wrote its registry',
      { image: 'mirror/istio/proxyv2:1' },
      { image: 'mirror/istio/proxyv2:2' },
      { image: 'docker.io/istio/proxyv2:2' },
      ['image'],
    ],
  ])('is %s', (_, running, full, alone, expected) => {
    const one = proxy(running);
    expect(paths(one, istioDecides(one, proxy(full), proxy(alone)))).toEqual(
      expected.map((path) => `istio-proxy.${path}`),
    );
  });

  test('is the mode of a volume that the injector no longer gives, so that the API server sets its default', () => {
    const volume = (mode: object) => proxy({}, { 'istio-ca': { configMap: { name: 'ca', ...mode } } });
    const one = volume({ defaultMode: 292 });
    const full = volume({ defaultMode: 420 });
    expect(paths(one, istioDecides(one, full, volume({})))).toEqual(['volumes.istio-ca.configMap.defaultMode']);
    expect(paths(one, istioDecides(one, full, one))).toEqual([]);
  });

  test('shows the new value of what is Istio’s, and the running one of what is not', () => {
    const one = proxy({ env: { A: '1', B: '1' } });
    const expected = istioDecides(one, proxy({ env: { A: '2', B: '2' } }), proxy({ env: { A: '2' } }));
    expect(expected.containers['istio-proxy']?.fields.env).toEqual({ A: '2', B: '1' });
  });

  test('is a container and a volume that come or go', () => {
    const one = proxy({}, { data: { emptyDir: {} } });
    const full = {
      ...proxy({}),
      containers: { ...one.containers, 'istio-validation': { placement: 'init container', fields: {} } },
    } as Sidecar;
    expect(paths(one, istioDecides(one, full, full))).toEqual(['istio-validation', 'volumes.data']);
    expect(paths(one, istioDecides(one, full, one))).toEqual([]);
  });
});

describe('what the injector alone gives', () => {
  test('is compared as far as the injector names it', () => {
    const running = proxy({ ...cpu('100m'), terminationMessagePath: '/dev/termination-log', env: { OF_OTHERS: 'x' } });
    expect(paths(running, injectorGives(running, proxy(cpu('0.1'))))).toEqual([]);
    expect(paths(running, injectorGives(running, proxy(cpu('110m'))))).toEqual(['istio-proxy.resources.requests.cpu']);
  });
});
