import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { IstioCharts } from 'istio-module';
import { chartReference } from '../../../lib/mesh/installation/istio-charts';

describe('IstioCharts.directory', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'istio-charts-'))));
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  function write(...files: string[]): void {
    for (const file of files) {
      mkdirSync(dirname(join(directory, file)), { recursive: true });
      writeFileSync(join(directory, file), '');
    }
  }

  function found(): string[] {
    const charts = IstioCharts.directory(directory);
    return (['base', 'istiod', 'cni', 'gateway'] as const).map((name) =>
      chartReference(charts, name, '1.31.1').chart.slice(directory.length + 1),
    );
  }

  test.each<[string, string[], string[]]>([
    [
      "the layout of Istio's repository",
      ['base', 'istio-control/istio-discovery', 'istio-cni', 'gateway', 'gateways/istio-ingress'].map(
        (d) => `${d}/Chart.yaml`,
      ),
      ['base', 'istio-control/istio-discovery', 'istio-cni', 'gateway'],
    ],
    [
      'a release that is unpacked',
      ['base', 'istio-control/istio-discovery', 'istio-cni', 'gateway'].map((d) => `manifests/charts/${d}/Chart.yaml`),
      ['base', 'istio-control/istio-discovery', 'istio-cni', 'gateway'].map((d) => `manifests/charts/${d}`),
    ],
    [
      'one directory a chart',
      ['base', 'istiod', 'cni', 'gateway'].map((d) => `${d}/Chart.yaml`),
      ['base', 'istiod', 'cni', 'gateway'],
    ],
    [
      'packages, of which it takes those of the version',
      ['base', 'istiod', 'cni', 'gateway'].flatMap((name) => [`${name}-1.30.0.tgz`, `${name}-1.31.1.tgz`]),
      ['base-1.31.1.tgz', 'istiod-1.31.1.tgz', 'cni-1.31.1.tgz', 'gateway-1.31.1.tgz'],
    ],
  ])('finds the charts in %s', (_, files, expected) => {
    write(...files);
    expect(found()).toEqual(expected);
  });

  test('says what it looked for', () => {
    write('base/Chart.yaml', 'istiod-1.30.0.tgz');
    expect(found).toThrow(
      new Error(
        `IstioCharts.directory('${directory}') does not contain chart 'istiod': put one of istio-control/istio-discovery/Chart.yaml, ` +
          'istiod/Chart.yaml, istio-discovery/Chart.yaml, istiod-1.31.1.tgz there, or give another directory',
      ),
    );
  });
});
