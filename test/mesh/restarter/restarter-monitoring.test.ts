import { Duration } from 'cdk8s';
import { RestarterMode } from 'istio-module';
import { WatchMetrics } from '../../../lib/cli/watch/watch-metrics';
import { named, type Manifest } from '../synthesis';
import { dashboardOf, rulesOf, watching } from './monitoring-objects';
import { mesh, podOf } from './restarted-app';

const observing = (manifests: readonly Manifest[]) =>
  manifests.filter(
    ({ kind, metadata }) => ['PodMonitor', 'PrometheusRule'].includes(kind) || metadata.name === 'restarter-dashboard',
  );

describe('the monitoring of a restarter', () => {
  test('is absent by default, and complete on request', () => {
    expect(observing(watching(false))).toEqual([]);
    expect(observing(watching(true)).map(({ kind }) => kind)).toEqual(['PodMonitor', 'PrometheusRule', 'ConfigMap']);
    expect(observing(watching({ podMonitor: false, dashboard: false })).map(({ kind }) => kind)).toEqual([
      'PrometheusRule',
    ]);
    const { restarter } = mesh({ props: { mode: RestarterMode.watch(), monitoring: true } });
    expect(restarter.monitoring).toHaveLength(3);
  });

  test('has labels by which others find it', () => {
    const manifests = watching({ labels: { release: 'prometheus' } });
    expect(observing(manifests).map(({ metadata }) => metadata.labels?.release)).toEqual(Array(3).fill('prometheus'));
    expect(named(manifests, 'ConfigMap/istio-system/restarter-dashboard').metadata.labels).toMatchObject({
      grafana_dashboard: '1',
    });
  });

  test('collects from the pods and the port of the restarter', () => {
    const manifests = watching(true);
    const { selector, podMetricsEndpoints } = named(manifests, 'PodMonitor/istio-system/restarter').spec as unknown as {
      selector: { matchLabels: object };
      podMetricsEndpoints: readonly { port: string }[];
    };
    const { metadata, spec } = podOf(named(manifests, 'Deployment/istio-system/restarter'));
    const [container] = spec.containers as unknown as readonly { ports: readonly { name: string }[] }[];
    expect((metadata as { labels: object }).labels).toMatchObject(selector.matchLabels);
    expect(podMetricsEndpoints.map(({ port }) => port)).toEqual(container?.ports.map(({ name }) => name));
  });

  test('queries only metrics that exist', async () => {
    const text = await new WatchMetrics(true).text();
    const known = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
    const manifests = watching(true);
    const queries = [
      ...rulesOf(manifests).map(({ expr }) => expr),
      ...dashboardOf(manifests).panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    ];
    const asked = queries.flatMap((expr) => expr.match(/istio_module_[a-z_]+/g) ?? []);
    expect(asked.length).toBeGreaterThan(12);
    expect(asked.map((name) => name.replace(/_bucket$/, '')).filter((name) => !known.has(name))).toEqual([]);
  });

  test('alerts in time', () => {
    const exprOf = (manifests: readonly Manifest[], alert: string) =>
      rulesOf(manifests).find((rule) => rule.alert === alert)?.expr;
    const hourly = watching({ outdatedFor: Duration.hours(2) }, Duration.hours(1));
    expect(exprOf(hourly, 'SidecarsOutdated')).toBe(
      'max(istio_module_outdated_seconds{namespace="istio-system",pod=~"restarter-.*"}) > 7200',
    );
    expect(exprOf(hourly, 'SidecarRestarterSilent')).toContain('> 10800 unless sum(istio_module_rollouts_in_progress{');
    expect(exprOf(watching(true, Duration.seconds(10)), 'SidecarRestarterSilent')).toContain('> 1800 unless ');
    // A failed run is repeated after an hour, and three failures have to be seen.
    expect(exprOf(hourly, 'SidecarRestarterFailing')).toContain('[14400s]');
    for (const { annotations } of rulesOf(hourly)) {
      expect([annotations.summary, annotations.description]).toEqual([
        expect.stringMatching(/\.$/),
        expect.stringMatching(/\S/),
      ]);
    }
  });

  test('has a dashboard whose panels lie beside each other and ask the chosen data source', () => {
    const { uid, panels } = dashboardOf(watching(true));
    expect(uid).toMatch(/^[\w-]{1,40}$/);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${String(x + (index % w))},${String(y + Math.floor(index / w))}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(new Set(panels.flatMap(({ targets }) => targets.map(({ datasource }) => datasource.uid)))).toEqual(
      new Set(['${datasource}']),
    );
  });

  test('needs a restarter that watches, and a valid duration', () => {
    expect(() => mesh({ props: { monitoring: true } })).toThrow(
      'monitoring is set, but a Job serves no metrics: use RestarterMode.watch(), or leave it out',
    );
    const monitoring = { outdatedFor: Duration.millis(500) };
    expect(() => mesh({ props: { mode: RestarterMode.watch(), monitoring } })).toThrow(
      /monitoring\.outdatedFor .* is out of range: write whole seconds, at least 1/,
    );
  });
});
