import type { Chart } from 'cdk8s';
import { IstioInstallation } from '../mesh/installation/istio-installation';
import { IstioModule } from '../mesh/installation/istio-module';
import { needingSidecars } from '../mesh/security/needing-sidecars';
import { chartError } from './chart-error';
import {
  chartObjects,
  isIstioResource,
  makesMutualTlsStrict,
  orderedResource,
  type ChartObject,
} from './chart-objects';

/** The parts of a chart that a MeshDeployment applies. */
export interface DeployedChart {
  /**
   * Version of the control plane that the chart installs, or the oldest of several. Undefined if the chart installs
   * none.
   */
  readonly version?: string;
  /** Whether the chart contains the CustomResourceDefinitions. */
  readonly bringsBase: boolean;
  /** All objects, in dependency order. */
  readonly objects: readonly ChartObject[];
  /** The objects that need no webhook of Istio. */
  readonly plain: readonly ChartObject[];
  /** The objects of Istio's API groups, except those that need sidecars. */
  readonly policies: readonly ChartObject[];
  /** The objects that refuse clients without a sidecar: STRICT mutual TLS, and policies that decide by identity. */
  readonly needingSidecars: readonly ChartObject[];
  /** Whether mutual TLS becomes STRICT for a whole mesh. */
  readonly strictFollows: boolean;
}

/** @throws Error if the chart contains neither an IstioModule nor an ExistingIstio, or its objects cannot be applied */
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
  const needing = new Set(
    needingSidecars(needsWebhooks.map(orderedResource), new Set(rootNamespaces)).map(({ object }) => object),
  );
  const [late, policies] = partition(needsWebhooks, (object) => needing.has(object));
  return {
    ...(version === undefined ? {} : { version }),
    bringsBase: installations.some(({ foundation }) => foundation instanceof IstioModule),
    ...{ objects, plain, policies, needingSidecars: late },
    strictFollows: late.some(
      ({ manifest }) => makesMutualTlsStrict(manifest) && rootNamespaces.includes(manifest.metadata.namespace ?? ''),
    ),
  };
}

function partition<T>(items: readonly T[], test: (item: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}
