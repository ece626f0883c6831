import type { Container, PodTemplate } from '../../../lib/engine/cluster/objects';
import { sidecarOf, type Sidecar } from '../../../lib/engine/injector/sidecar';
import { compareSidecars } from '../../../lib/engine/plan/compare-sidecars';

const PROXY: Container = { name: 'istio-proxy', image: 'proxyv2' };
const APP: Container = { name: 'app', image: 'app:1', env: [{ name: 'OWN', value: '1' }] };
const TEMPLATE: PodTemplate = { spec: { containers: [APP] } };
const sleeping = (seconds: number) => ({ lifecycle: { preStop: { sleep: { seconds } } } });

/** The sidecar of a pod whose record names the application's container, into which a template was merged. */
function merged(app: object, proxy: object = {}, record: readonly string[] = ['app', 'istio-proxy']): Sidecar {
  const annotations = { 'sidecar.istio.io/status': JSON.stringify({ containers: record }) };
  const spec = {
    containers: [
      { ...APP, ...app },
      { ...PROXY, ...proxy },
    ],
  };
  return sidecarOf({ metadata: { annotations }, spec }, undefined, new Set(['app'])) as Sidecar;
}

const compare = (running: Sidecar, sidecar: Sidecar) =>
  compareSidecars(running, { sidecar }, TEMPLATE).differences.map(
    ({ path, old, new: now }) => `${path} ${old} → ${now}`,
  );

describe('a template that the injector merges into the application', () => {
  test('counts field by field', () => {
    expect(compare(merged(sleeping(5)), merged(sleeping(5)))).toEqual([]);
    expect(compare(merged(sleeping(5)), merged(sleeping(9)))).toEqual(['app.lifecycle.preStop.sleep.seconds 5 → 9']);
  });

  test('that is gone, or new, is a difference in what it added', () => {
    const [before, after] = [merged(sleeping(5)), merged({}, {}, ['istio-proxy'])];
    expect(compare(before, after)).toEqual(['app.lifecycle.preStop.sleep.seconds 5 → (none)']);
    expect(compare(after, before)).toEqual(['app.lifecycle.preStop.sleep.seconds (none) → 5']);
  });

  test('counts, and nothing else of the application does', () => {
    const other = { image: 'app:2', ports: [{ containerPort: 80 }], env: [{ name: 'OWN', value: '2' }] };
    const changed = { ...TEMPLATE, spec: { containers: [{ ...APP, ports: [{ containerPort: 80 }] }] } };
    const answer = { sidecar: merged(sleeping(5)) };
    expect(compareSidecars(merged({ ...other, ...sleeping(5) }), answer, changed).differences).toEqual([]);
  });
});

describe('beside what the injector alone merges into the application', () => {
  const others = (value: string) => ({
    env: [...(APP.env ?? []), { name: 'OTHERS', value }],
    resources: { limits: {} },
  });
  const alone = { sidecar: merged(sleeping(5)), recorded: new Set(['app', 'istio-proxy']) };
  const compared = (running: Sidecar, sidecar: Sidecar, given = alone) => {
    const { differences, others } = compareSidecars(running, { sidecar, alone: given }, TEMPLATE);
    return [differences, others].map((found) => found.map(({ path, old, new: now }) => `${path} ${old} → ${now}`));
  };

  test('what others add, change or remove there is not a difference of the sidecar', () => {
    const [running, plain] = [merged({ ...sleeping(5), ...others('1') }), merged(sleeping(5))];
    expect(compared(running, merged({ ...sleeping(5), ...others('2') }))).toEqual([[], []]);
    expect(compared(running, plain)).toEqual([[], []]);
    expect(compared(plain, running)).toEqual([[], []]);
  });

  test('all that is gone counts once it merges nothing any more, whatever it rewrites in place', () => {
    const probe = { livenessProbe: { httpGet: { path: '/app-health/app/livez' } } };
    const given = { sidecar: merged(probe), recorded: new Set(['istio-proxy']) };
    expect(compared(merged({ ...sleeping(5), ...probe }), merged(probe, {}, ['istio-proxy']), given)).toEqual([
      ...[['app.lifecycle.preStop.sleep.seconds 5 → (none)'], []],
    ]);
  });

  test('a change of the template counts alone', () => {
    const running = merged({ ...sleeping(4), ...others('1') });
    expect(compared(running, merged({ ...sleeping(5), ...others('2') }))).toEqual([
      ...[['app.lifecycle.preStop.sleep.seconds 4 → 5'], []],
    ]);
    expect(compared(merged(others('1'), {}, ['istio-proxy']), merged(sleeping(5)))).toEqual([
      ...[['app.lifecycle.preStop.sleep.seconds (none) → 5'], []],
    ]);
  });
});

describe('what Istio derives from the pod itself', () => {
  const derived = (value: string) => ({
    env: [
      'ISTIO_META_APP_CONTAINERS',
      'ISTIO_META_POD_PORTS',
      'ISTIO_META_WORKLOAD_NAME',
      'ISTIO_META_OWNER',
      'ISTIO_KUBE_APP_PROBERS',
      'ISTIO_PROMETHEUS_ANNOTATIONS',
    ].map((name) => ({ name, value })),
  });

  test('is never a difference', () => {
    expect(compare(merged({}, derived('a')), merged({}, derived('b')))).toEqual([]);
    expect(compare(merged({}, derived('a')), merged({}, { env: [{ name: 'TRUST_DOMAIN', value: 'b' }] }))).toEqual([
      'istio-proxy.env.TRUST_DOMAIN (none) → b',
    ]);
  });
});
