import { definedFields } from '../fields';
import { cniValues, type CniOptions } from './cni-options';
import { renderResources, type ContainerResources } from './container-resources';
import type { IstioChartName } from './istio-charts';
import { istiodValues, type IstiodOptions } from './istiod-options';

/** Values of a Helm chart. */
export type HelmValues = Readonly<Record<string, unknown>>;

/** Input for the values of Istio's charts. */
export interface IstioValuesInput {
  readonly version: string;
  readonly namespace: string;
  readonly hub: string;
  readonly variant: 'distroless' | 'debug' | 'default';
  readonly revision?: string;
  readonly revisionTags: readonly string[];
  readonly cni: boolean | CniOptions;
  readonly proxyResources: ContainerResources;
  readonly istiod: IstiodOptions;
  readonly meshConfig: HelmValues;
  readonly compatibilityVersion?: string;
}

/** The values of base, istiod and cni, without the raw values of the escape hatch. */
export function istioValues(input: IstioValuesInput): Readonly<Record<Exclude<IstioChartName, 'gateway'>, HelmValues>> {
  const images = { hub: input.hub, tag: input.version, variant: input.variant === 'default' ? '' : input.variant };
  const { revision, revisionTags } = input;
  return {
    base: {
      global: { istioNamespace: input.namespace },
      // The revision whose webhook validates objects without a revision.
      ...(revision === undefined ? {} : { defaultRevision: revision }),
    },
    istiod: {
      ...definedFields({ revision }),
      ...(revisionTags.length > 0 ? { revisionTags: [...revisionTags] } : {}),
      global: {
        istioNamespace: input.namespace,
        ...images,
        proxy: { resources: renderResources(input.proxyResources) },
      },
      cni: { enabled: input.cni !== false },
      sidecarInjectorWebhook: { enableNamespacesByDefault: false },
      meshConfig: input.meshConfig,
      ...definedFields({ compatibilityVersion: input.compatibilityVersion }),
      ...istiodValues(input.istiod),
    },
    // One agent per node serves the pods of all revisions, so its name has no revision.
    cni: { global: images, ...cniValues(input.cni) },
  };
}

/**
 * Merges layers of values: objects are merged, anything else is replaced. Quantities in `requests` and `limits` become
 * strings, because istiod rejects its whole configuration if the proxies' resources contain a number.
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
