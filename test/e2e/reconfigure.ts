import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { IstioCharts } from 'istio-module';
import type { MeshChartProps } from '../../stacks/mesh-chart';
import type { ObjectReference } from '../control-plane/kube-client';
import type { MeshCluster } from './mesh-cluster';

/**
 * The names of the two ConfigMaps that decide what istiod injects, and the folders whose files istiod prefers to them.
 */
export const INJECTION_FILES = {
  'istio-sidecar-injector': 'var/lib/istio/inject',
  istio: 'etc/istio/config',
} as const;

export interface InjectionConfigMap extends ObjectReference {
  readonly metadata: { readonly name: keyof typeof INJECTION_FILES; readonly namespace: string };
  readonly data: Readonly<Record<string, string>>;
}

/** The ConfigMaps of the worked example with these props that decide what istiod injects. */
export function injectionConfigMaps(cluster: MeshCluster, props: Partial<MeshChartProps> = {}): InjectionConfigMap[] {
  const charts = IstioCharts.directory(chartsWithoutCrds(cluster));
  return (cluster.chart({ charts, ...props }).toJson() as InjectionConfigMap[]).filter(
    ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name in INJECTION_FILES,
  );
}

/** Istio's charts without its CRDs, which take most of the time that rendering takes. */
function chartsWithoutCrds({ controlPlane: { directory, programs } }: MeshCluster): string {
  const charts = join(directory, 'charts-without-crds');
  if (!existsSync(charts)) {
    cpSync(programs.istioCharts, charts, { recursive: true });
    rmSync(join(charts, 'base', 'templates', 'crds.yaml'));
  }
  return charts;
}

/** Changes what istiod injects, and nothing else. */
export async function applyInjection(cluster: MeshCluster, configMaps: readonly InjectionConfigMap[]): Promise<void> {
  for (const configMap of configMaps) {
    await cluster.client.apply(configMap, { force: true });
  }
}

/** Changes what istiod injects, and nothing else, like `helm upgrade` with only these values. */
export async function reconfigure(cluster: MeshCluster, props: Partial<MeshChartProps> = {}): Promise<void> {
  await applyInjection(cluster, injectionConfigMaps(cluster, props));
}
