import { ApiObject, App, Chart } from 'cdk8s';
import { MeshNamespace } from 'istio-module';

/**
 * The problems that synthesis of an app with these Charts reports, one per line; the Charts are `mesh`, `mesh-1`,
 * `mesh-2` and so on. The app always has a construct of the package, without which nothing is checked.
 */
export function problemsOf(...charts: readonly ((chart: Chart) => void)[]): string[] {
  const app = new App();
  charts.forEach((fill, index) => {
    const chart = new Chart(app, index === 0 ? 'mesh' : `mesh-${String(index)}`);
    if (index === 0) new MeshNamespace(chart, 'apart', { name: 'apart' });
    fill(chart);
  });
  try {
    app.synthYaml();
    return [];
  } catch (error) {
    const [first, ...lines] = (error as Error).message.split('\n');
    expect(first).toBe('Validation failed with the following errors:');
    return lines.map((line) => line.trim());
  }
}

const GROUPS: Readonly<Record<string, string>> = {
  Namespace: 'v1',
  Service: 'v1',
  PeerAuthentication: 'security.istio.io/v1',
  Telemetry: 'telemetry.istio.io/v1',
};

/** A plain object, `namespace/name`; its construct id is the kind and the id in lower case. */
export function plain(chart: Chart, kind: string, title: string, spec?: object, id = ''): ApiObject {
  const [namespace, name = ''] = title.split('/');
  return new ApiObject(chart, `${kind}-${name}${id}`.toLowerCase(), {
    apiVersion: GROUPS[kind] ?? 'networking.istio.io/v1',
    kind,
    metadata: { name, namespace },
    spec,
  });
}
