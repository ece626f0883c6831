import { renderResources, type ContainerResources } from './container-resources';
import type { IstioChartName } from './istio-charts';

/** Values of a Helm chart. */
export type HelmValues = Readonly<Record<string, unknown>>;

/** What the values of Istio's charts are made from. */
export interface IstioValuesInput {
  readonly version: string;
  readonly namespace: string;
  readonly hub: string;
  readonly variant: 'distroless' | 'debug' | 'default';
  readonly cni: boolean;
  readonly proxyResources: ContainerResources;
  readonly istiodResources: ContainerResources;
  readonly istiodReplicas?: number;
  readonly meshConfig: HelmValues;
  readonly compatibilityVersion?: string;
}

/** The values of base, istiod and cni, before the raw values of the escape hatch. */
export function istioValues(input: IstioValuesInput): Readonly<Record<Exclude<IstioChartName, 'gateway'>, HelmValues>> {
  const images = { hub: input.hub, tag: input.version, variant: input.variant === 'default' ? '' : input.variant };
  const resources = renderResources(input.istiodResources);
  return {
    base: { global: { istioNamespace: input.namespace } },
    istiod: {
      global: {
        istioNamespace: input.namespace,
        ...images,
        proxy: { resources: renderResources(input.proxyResources) },
      },
      cni: { enabled: input.cni },
      sidecarInjectorWebhook: { enableNamespacesByDefault: false },
      meshConfig: input.meshConfig,
      ...(input.compatibilityVersion === undefined ? {} : { compatibilityVersion: input.compatibilityVersion }),
      ...(Object.keys(resources).length > 0 ? { resources } : {}),
      // A fixed number and the chart's autoscaler would overwrite each other.
      ...(input.istiodReplicas === undefined ? {} : { autoscaleEnabled: false, replicaCount: input.istiodReplicas }),
    },
    cni: { global: images },
  };
}

/**
 * Values with others on top: objects are merged, anything else is replaced. Quantities in `requests` and `limits` come
 * out as strings, because istiod refuses its whole configuration over a number in the proxies' resources.
 */
export function mergeValues(...layers: readonly HelmValues[]): HelmValues {
  return withStringQuantities(layers.reduce<HelmValues>(merge, {}));
}

function merge(under: HelmValues, over: HelmValues): HelmValues {
  const merged: Record<string, unknown> = { ...under };
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) continue;
    const below = merged[key];
    merged[key] = isRecord(value) ? merge(isRecord(below) ? below : {}, value) : value;
  }
  return merged;
}

function withStringQuantities(values: HelmValues): HelmValues {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => {
      if (!isRecord(value)) return [key, value];
      const inner = withStringQuantities(value);
      return [key, key === 'requests' || key === 'limits' ? stringsForNumbers(inner) : inner];
    }),
  );
}

function stringsForNumbers(values: HelmValues): HelmValues {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, typeof value === 'number' ? String(value) : value]),
  );
}

function isRecord(value: unknown): value is HelmValues {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
