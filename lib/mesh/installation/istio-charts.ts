import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The source of Istio's Helm charts, created by `IstioCharts.official` and the other functions of `IstioCharts`. */
export type IstioCharts =
  | { readonly source: 'repository'; readonly url: string }
  | { readonly source: 'directory'; readonly path: string }
  | { readonly source: 'oci'; readonly url: string };

/**
 * The repositories in which Istio publishes all versions of its charts: istio/istio.io#17539 has the addresses, and
 * istio/istio#61467 announces the end of the earlier Helm repository, which never got 1.31.
 */
const OFFICIAL_REPOSITORY = 'https://blob.istio.io/istio-release/charts';
const OFFICIAL_REGISTRY = 'oci://ghcr.io/istio/release/charts';

/**
 * Sources of Istio's Helm charts.
 *
 * @see https://istio.io/latest/docs/setup/install/helm/
 */
export const IstioCharts = {
  /** Istio's own Helm repository, `https://blob.istio.io/istio-release/charts`; needs internet access at synthesis. */
  official(): IstioCharts {
    return { source: 'repository', url: OFFICIAL_REPOSITORY };
  },

  /** Istio's own OCI registry, `oci://ghcr.io/istio/release/charts`; needs internet access at synthesis. */
  officialOci(): IstioCharts {
    return { source: 'oci', url: OFFICIAL_REGISTRY };
  },

  /**
   * A local directory: `manifests/charts` of the Istio repository or of an Istio release, or a directory with `base`,
   * `istiod`, `cni` and `gateway` as directories or packages (`istiod-1.31.1.tgz`). The charts must have the module's
   * version.
   *
   * @param path absolute, or relative to the working directory
   */
  directory(path: string): IstioCharts {
    return { source: 'directory', path };
  },

  /**
   * An OCI registry with the charts `base`, `istiod`, `cni` and `gateway`.
   *
   * @param url URL without the name of the chart, such as `oci://registry.example.com/istio/charts`
   */
  oci(url: string): IstioCharts {
    return { source: 'oci', url };
  },
} as const;

/** The charts that the module renders, by their names in Istio's Helm repository. */
export type IstioChartName = 'base' | 'istiod' | 'cni' | 'gateway';

/** A chart in the arguments of `helm template`. */
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

/** The problem with a source of charts that is known before a chart is fetched, if any. */
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
 * @throws Error with one sentence, without the construct's path, if a directory does not contain the chart
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
      `IstioCharts.directory('${directory}') does not exist: give the directory that contains Istio's charts`,
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
    `IstioCharts.directory('${directory}') does not contain chart '${name}': put one of ${expected.join(', ')} there, or give another directory`,
  );
}
