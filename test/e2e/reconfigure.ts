import type { MeshChartProps } from '../../stacks/mesh-chart';
import type { ObjectReference } from '../control-plane/kube-client';
import type { MeshCluster } from './mesh-cluster';

/** The keys of the two ConfigMaps that decide what istiod injects, and the files that istiod prefers to them. */
export const INJECTION_FILES = {
  'istio-sidecar-injector': 'var/lib/istio/inject',
  istio: 'etc/istio/config',
} as const;

export interface InjectionConfigMap extends ObjectReference {
  readonly metadata: { readonly name: keyof typeof INJECTION_FILES; readonly namespace: string };
  readonly data: Readonly<Record<string, string>>;
}

/** The ConfigMaps that decide what istiod injects, of the worked example with these properties. */
export function injectionConfigMaps(cluster: MeshCluster, props: Partial<MeshChartProps> = {}): InjectionConfigMap[] {
  return (cluster.chart(props).toJson() as InjectionConfigMap[]).filter(
    ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name in INJECTION_FILES,
  );
}

/** Changes what istiod injects, and nothing else. */
export async function applyInjection(cluster: MeshCluster, configMaps: readonly InjectionConfigMap[]): Promise<void> {
  for (const configMap of configMaps) {
    await cluster.client.apply(configMap, { force: true });
  }
}

/** Changes what istiod injects, and nothing else: what `helm upgrade` with these values alone comes to. */
export async function reconfigure(cluster: MeshCluster, props: Partial<MeshChartProps> = {}): Promise<void> {
  await applyInjection(cluster, injectionConfigMaps(cluster, props));
}
