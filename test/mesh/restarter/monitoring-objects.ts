import { Duration } from 'cdk8s';
import { RestarterMode, type RestarterMonitoring } from 'istio-module';
import { named, type Manifest } from '../synthesis';
import { objects } from './restarted-app';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly summary: string; readonly description: string };
}

interface Panel {
  readonly id: number;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[];
}

/** The objects of an application with a restarter that watches. */
export const watching = (monitoring: boolean | RestarterMonitoring, resync = Duration.minutes(10)): Manifest[] =>
  objects({ props: { mode: RestarterMode.watch({ resync }), monitoring } });
/** The alerts in the manifests. */
export const rulesOf = (manifests: readonly Manifest[]) => {
  const { groups } = named(manifests, 'PrometheusRule/istio-system/restarter').spec as unknown as {
    groups: readonly { readonly rules: readonly Rule[] }[];
  };
  return groups.flatMap(({ rules }) => rules);
};
/** The dashboard in the manifests, as Grafana reads it. */
export const dashboardOf = (manifests: readonly Manifest[]) => {
  const { data } = named(manifests, 'ConfigMap/istio-system/restarter-dashboard') as unknown as {
    data: Record<string, string>;
  };
  return JSON.parse(data['sidecar-restarter.json'] ?? '') as {
    readonly uid: string;
    readonly panels: readonly Panel[];
  };
};
