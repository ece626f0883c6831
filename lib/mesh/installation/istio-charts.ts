import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Where the Helm charts of Istio come from: made by `IstioCharts.official` and its siblings. */
export type IstioCharts =
  | { readonly source: 'repository'; readonly url: string }
  | { readonly source: 'directory'; readonly path: string }
  | { readonly source: 'oci'; readonly url: string };

/**
 * Where Istio publishes its charts, all versions in both places: istio/istio.io#17539 has the addresses, and
 * istio/istio#61467 the end of the Helm repository before them, which never got 1.31.
 */
const OFFICIAL_REPOSITORY = 'https://blob.istio.io/istio-release/charts';
const OFFICIAL_REGISTRY = 'oci://ghcr.io/istio/release/charts';

/**
 * Where the Helm charts of Istio come from.
 *
 * @see https://istio.io/latest/docs/setup/install/helm/
 */
export const IstioCharts = {
  /** Istio's own Helm repository, `https://blob.istio.io/istio-release/charts`; needs the internet while synthesizing. */
  official(): IstioCharts {
    return { source: 'repository', url: OFFICIAL_REPOSITORY };
  },

  /** Istio's own OCI registry, `oci://ghcr.io/istio/release/charts`; needs the internet while synthesizing. */
  officialOci(): IstioCharts {
    return { source: 'oci', url: OFFICIAL_REGISTRY };
  },

  /**
   * A local directory: `manifests/charts` of the Istio repository or of an Istio release, or one that holds `base`,
   * `istiod`, `cni` and `gateway`, as directories or as packages (`istiod-1.31.1.tgz`). The charts must be those of
   * the module's version.
   *
   * @param path absolute, or relative to the working directory
   */
  directory(path: string): IstioCharts {
    return { source: 'directory', path };
  },

  /**
   * An OCI registry that holds `base`, `istiod`, `cni` and `gateway`.
   *
   * @param url what precedes the chart's name, such as `oci://registry.example.com/istio/charts`
   */
  oci(url: string): IstioCharts {
    return { source: 'oci', url };
  },
} as const;

/** The charts that the module renders, by the name they have in Istio's Helm repository. */
export type IstioChartName = 'base' | 'istiod' | 'cni' | 'gateway';

/** A chart as `helm template` takes it. */
export interface ChartReference {
  readonly chart: string;
  readonly repo?: string;
  readonly version?: string;
}

const DIRECTORIES: Readonly<Record<IstioChartName, readonly string[]>> = {
  base: ['base'],
  istiod: ['istio-control/istio-discovery', 'istiod', 'istio-discovery'],
  cni: ['istio-cni', 'cni'],
  gateway: ['gateway'],
};

/** The problems with a source of charts before any chart is asked for, or nothing. */
export function chartsProblem(charts: IstioCharts): string[] {
  if (charts.source === 'oci' && !/^oci:\/\/[^/]+/.test(charts.url)) {
    return [
      `IstioCharts.oci('${charts.url}') is not an OCI address: write one such as 'oci://registry.example.com/charts'`,
    ];
  }
  return [];
}

/**
 * Finds one chart.
 *
 * @throws Error one sentence, without the construct's path, when a directory does not hold the chart
 */
export function chartReference(charts: IstioCharts, name: IstioChartName, version: string): ChartReference {
  switch (charts.source) {
    case 'repository':
      return { chart: name, repo: charts.url, version };
    case 'oci':
      return { chart: `${charts.url.replace(/\/+$/, '')}/${name}`, version };
    case 'directory':
      return { chart: localChart(resolve(charts.path), name, version) };
  }
}

function localChart(directory: string, name: IstioChartName, version: string): string {
  if (!existsSync(directory)) {
    throw new Error(
      `IstioCharts.directory('${directory}') does not exist: give the directory that holds Istio's charts`,
    );
  }
  for (const root of [directory, join(directory, 'manifests/charts')]) {
    const unpacked = DIRECTORIES[name]
      .map((path) => join(root, path))
      .find((path) => existsSync(join(path, 'Chart.yaml')));
    if (unpacked !== undefined) return unpacked;
    const packaged = [`${name}-${version}.tgz`, `${name}.tgz`]
      .map((file) => join(root, file))
      .find((file) => existsSync(file));
    if (packaged !== undefined) return packaged;
  }
  const expected = [...DIRECTORIES[name].map((path) => `${path}/Chart.yaml`), `${name}-${version}.tgz`];
  throw new Error(
    `IstioCharts.directory('${directory}') holds no chart '${name}': put one of ${expected.join(', ')} there, or give another directory`,
  );
}
