import { differences } from '../../../lib/engine/injector/differences';
import { injectorDecides, injectorWouldGive } from '../../../lib/engine/injector/open-admission';
import type { Sidecar } from '../../../lib/engine/injector/sidecar';

type Fields = Readonly<Record<string, unknown>>;

const GIVEN: Fields = {
  image: 'docker.io/istio/proxyv2:1.31.1',
  args: ['proxy', 'sidecar'],
  env: { PROXY_CONFIG: '{"concurrency":2}', NAME: { fieldRef: { fieldPath: 'metadata.name' } }, SHARE: '1' },
  resources: { limits: { cpu: '2' }, requests: { cpu: '100m', memory: '128Mi' } },
  securityContext: { runAsUser: 1337 },
  ports: [{ containerPort: 15090, name: 'http-envoy-prom' }],
  readinessProbe: { httpGet: { path: '/healthz', port: 15021 }, periodSeconds: 15 },
  volumeMounts: { '/etc/istio/proxy': { name: 'istio-envoy' } },
};
/** The same as the API server stores it. */
const STORED: Fields = {
  ...GIVEN,
  env: { ...(GIVEN.env as object), NAME: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
  resources: { limits: { cpu: '2' }, requests: { cpu: '100m', memory: '128Mi' } },
  ports: [{ containerPort: 15090, name: 'http-envoy-prom', protocol: 'TCP' }],
  readinessProbe: {
    httpGet: { path: '/healthz', port: 15021, scheme: 'HTTP' },
    ...{ periodSeconds: 15, timeoutSeconds: 1, successThreshold: 1, failureThreshold: 3 },
  },
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  imagePullPolicy: 'IfNotPresent',
};

function sidecar(fields: Fields, volume: object = { emptyDir: {} }): Sidecar {
  return {
    revision: 'default',
    containers: { 'istio-proxy': { placement: 'native sidecar', fields } },
    volumes: { 'istio-envoy': volume },
  };
}

/** The paths of differences that the injector decides, and of those that others may have decided. */
function compared(running: Sidecar, given: Sidecar) {
  const pathsOf = (becomes: typeof injectorDecides) =>
    differences(running, becomes(running, given)).map(({ path }) => path.replace('istio-proxy.', ''));
  const certain = pathsOf(injectorDecides);
  return { certain, open: pathsOf(injectorWouldGive).filter((path) => !certain.includes(path)) };
}

const NOTHING = { certain: [], open: [] };
const certain = (...paths: string[]) => ({ certain: paths, open: [] });
const open = (...paths: string[]) => ({ certain: [], open: paths });

describe('where the injector alone is asked', () => {
  test('what the API server fills in is no difference', () => {
    expect(compared(sidecar(STORED), sidecar(GIVEN))).toEqual(NOTHING);
    expect(
      compared(
        sidecar(STORED, { configMap: { name: 'ca', defaultMode: 420 } }),
        sidecar(GIVEN, { configMap: { name: 'ca' } }),
      ),
    ).toEqual(NOTHING);
  });

  test('a request that is the limit is no difference, and neither is another notation', () => {
    const given = { ...GIVEN, resources: { limits: { cpu: '2000m' } } };
    const stored = { ...STORED, resources: { limits: { cpu: '2' }, requests: { cpu: '2' } } };
    expect(compared(sidecar(stored), sidecar(given))).toEqual(NOTHING);
  });

  test.each<[string, Fields, object]>([
    ['another tag', { image: 'mirror.example/istio/proxyv2:1.30.2' }, certain('image')],
    ['another tag beside a digest', { image: 'docker.io/istio/proxyv2:1.30.2@sha256:aa' }, certain('image')],
    ['another registry', { image: 'mirror.example/istio/proxyv2:1.31.1' }, open('image')],
    ['a digest for the tag', { image: 'docker.io/istio/proxyv2:1.31.1@sha256:aa' }, open('image')],
    ['a digest in the tag’s place', { image: 'docker.io/istio/proxyv2@sha256:aa' }, open('image')],
    ['an argument', { args: ['proxy', 'sidecar', '--log_output_level=debug'] }, certain('args')],
    ['a variable of Istio’s', { env: { ...(STORED.env as object), SHARE: '2' } }, certain('env.SHARE')],
    [
      'a field of the proxy’s configuration',
      { env: { ...(STORED.env as object), PROXY_CONFIG: '{"concurrency":2,"drainDuration":"5s"}' } },
      certain('env.PROXY_CONFIG.drainDuration'),
    ],
    ['a further variable', { env: { ...(STORED.env as object), SITE: 'north' } }, open('env.SITE')],
    [
      'other resources',
      { resources: { requests: { cpu: '250m' } } },
      open('resources.limits', 'resources.requests.cpu', 'resources.requests.memory'),
    ],
    ['another user', { securityContext: { runAsUser: 1000650000 } }, open('securityContext.runAsUser')],
    ['another policy of pulling', { imagePullPolicy: 'Always' }, open('imagePullPolicy')],
    ['a further port', { ports: [...(STORED.ports as object[]), { containerPort: 9 }] }, open('ports')],
    ['another port', { ports: [{ containerPort: 15091 }] }, certain('ports')],
    [
      'a further mount',
      { volumeMounts: { ...(GIVEN.volumeMounts as object), '/extra': { name: 'extra' } } },
      open('volumeMounts./extra'),
    ],
    [
      'another probe',
      { readinessProbe: { httpGet: { path: '/', port: 15021 }, periodSeconds: 15 } },
      certain('readinessProbe.httpGet.path'),
    ],
    [
      'a hook that is not given any more',
      { lifecycle: { postStart: { exec: { command: ['wait'] } } } },
      open('lifecycle'),
    ],
    ['a lacking variable', { env: { PROXY_CONFIG: '{"concurrency":2}', SHARE: '1' } }, certain('env.NAME')],
  ])('%s', (_, change, expected) => {
    expect(compared(sidecar({ ...STORED, ...change }), sidecar(GIVEN))).toEqual(expected);
  });

  test('containers and volumes are the injector’s, and so are the kind of container and the revision', () => {
    const running: Sidecar = {
      revision: 'old',
      containers: {
        'istio-init': { placement: 'init container', fields: {} },
        'istio-proxy': { placement: 'container', fields: STORED },
      },
      volumes: { 'istio-data': { emptyDir: {} }, 'istio-envoy': { emptyDir: {} } },
    };
    expect(compared(running, sidecar(GIVEN))).toEqual(
      certain('istio.io/rev', 'istio-init', 'placement', 'volumes.istio-data'),
    );
  });

  test('the digest is the version where both have one', () => {
    const image = 'docker.io/istio/proxyv2@sha256:';
    const running = (digest: string) => sidecar({ ...STORED, image: `${image}${digest}` });
    const given = sidecar({ ...GIVEN, image: `mirror.example/proxyv2@sha256:aa` });
    expect(compared(running('bb'), given)).toEqual(certain('image'));
    expect(compared(running('aa'), given)).toEqual(open('image'));
  });

  test('an image without a version is pulled always', () => {
    const image = 'localhost:5000/proxyv2:latest';
    const running = sidecar({ ...STORED, image, imagePullPolicy: 'Always' });
    expect(compared(running, sidecar({ ...GIVEN, image }))).toEqual(NOTHING);
  });
});
