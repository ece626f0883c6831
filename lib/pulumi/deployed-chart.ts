import type { Chart } from 'cdk8s';
import { IstioInstallation } from '../mesh/installation/istio-installation';
import { IstioModule } from '../mesh/installation/istio-module';
import { chartError } from './chart-error';
import { chartObjects, isIstioResource, makesMutualTlsStrict, type ChartObject } from './chart-objects';

/** What a MeshDeployment knows of its chart. */
export interface DeployedChart {
  /**
   * Version of the control plane that the chart installs: of several, the one that lags behind; none where it only
   * configures.
   */
  readonly version?: string;
  /** Whether the chart brings the CustomResourceDefinitions. */
  readonly bringsBase: boolean;
  /** All objects, each after those it depends on. */
  readonly objects: readonly ChartObject[];
  /** Those that need no webhook of Istio. */
  readonly plain: readonly ChartObject[];
  /** Those of Istio's API groups, but for what makes mutual TLS STRICT. */
  readonly policies: readonly ChartObject[];
  /** What makes mutual TLS STRICT. */
  readonly strict: readonly ChartObject[];
  /** Whether that is so for a whole mesh. */
  readonly strictFollows: boolean;
}

/** @throws Error when the chart has neither an IstioModule nor an ExistingIstio, or its objects cannot be applied */
export function deployedChart(chart: Chart): DeployedChart {
  const installations = chart.node.findAll().filter((construct) => construct instanceof IstioInstallation);
  if (installations.length === 0) {
    throw chartError(
      `Chart "${chart.node.path}" has neither an IstioModule nor an ExistingIstio; a MeshDeployment takes a chart with one of them.`,
    );
  }
  const [version] = installations
    .flatMap((installation) => (installation instanceof IstioModule ? [installation.version] : []))
    .sort((one, other) => one.localeCompare(other, 'en', { numeric: true }));
  const rootNamespaces = installations.map(({ rootNamespace }) => rootNamespace);
  const objects = chartObjects(chart);
  const [needsWebhooks, plain] = partition(objects, ({ manifest }) => isIstioResource(manifest));
  const [strict, policies] = partition(needsWebhooks, ({ manifest }) => makesMutualTlsStrict(manifest));
  return {
    ...(version === undefined ? {} : { version }),
    bringsBase: installations.some(({ foundation }) => foundation instanceof IstioModule),
    ...{ objects, plain, policies, strict },
    strictFollows: strict.some(({ manifest }) => rootNamespaces.includes(manifest.metadata.namespace ?? '')),
  };
}

function partition<T>(items: readonly T[], test: (item: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}
