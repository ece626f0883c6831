import { parse } from '../../../bundled-libraries/yaml';
import { same } from '../../cluster/same';
import { changes, type Difference } from '../../injector/differences';
import type { Revision } from './injection-state';
import type { SelectedInjector } from './selected-injector';
import { REVISION_LABEL } from '../../istio/injection-labels';

type Fields = Readonly<Record<string, unknown>>;

/** Templates of pods that istiod creates itself. They are not used for injection. */
const OF_ISTIOD = ['waypoint', 'kube-gateway', 'agentgateway', 'agentgateway-waypoint'];
/** Values that Istio's code reads, besides those that the templates use. */
const VALUES = [
  'global.hub',
  'global.tag',
  'global.variant',
  'global.network',
  'global.multiCluster.clusterName',
  'global.proxy.image',
  'global.proxy.holdApplicationUntilProxyStarts',
  'global.proxy_init.image',
  'sidecarInjectorWebhook.rewriteAppHTTPProbe',
];
const MESH = ['defaultConfig', 'enablePrometheusMerge', 'inboundTrafficPolicy', 'rootNamespace'];
const ENVIRONMENT = ['ENABLE_NATIVE_SIDECARS', 'COMPLIANCE_POLICY'];

/** Whether two injectors have equal configurations, in any notation. */
export function sameConfiguration(one: SelectedInjector, other: SelectedInjector): boolean {
  const read = ({ revision: { name, version, config, values, mesh, env }, cluster, network }: SelectedInjector) => ({
    ...{ name, version, cluster, network, env },
    ...{ config: parse(config) as unknown, values: parse(values) as unknown, mesh: parse(mesh) as unknown },
  });
  return same(read(one), read(other));
}

/**
 * The configuration changes between two injectors that can affect pods. Of the mesh configuration, omits settings that
 * running proxies get from istiod, unless a template prints them.
 */
export function reachingChanges(before: SelectedInjector, coming: SelectedInjector): readonly Difference[] {
  const templates = [before, coming].map(({ revision }) => templatesOf(revision)).flat();
  const reach = reachOf(templates.map(([, text]) => text));
  const view = ({ revision, cluster, network }: SelectedInjector) => {
    const config = (parse(revision.config) ?? {}) as Fields;
    return {
      [REVISION_LABEL]: revision.name,
      ...(cluster === undefined ? {} : { cluster }),
      ...(network === undefined ? {} : { network }),
      config: { ...config, templates: Object.fromEntries(templatesOf(revision)) },
      values: picked((parse(revision.values) ?? {}) as Fields, reach.values),
      meshConfig: pickedMesh((parse(revision.mesh) ?? {}) as Fields, reach.mesh),
      env: Object.fromEntries(Object.entries(revision.env).filter(([name]) => reach.env.has(name))),
      ...(revision.version === undefined ? {} : { 'istiod.version': revision.version }),
    };
  };
  const [one, other] = [view(before), view(coming)] as readonly [Fields, Fields];
  return Object.keys({ ...one, ...other }).flatMap((key) => changes(key, one[key], other[key]));
}

function templatesOf({ config }: Revision): readonly (readonly [string, string])[] {
  const { templates } = (parse(config) ?? {}) as { readonly templates?: Readonly<Record<string, string>> | null };
  return Object.entries(templates ?? {}).filter(([name]) => !OF_ISTIOD.includes(name));
}

interface Reach {
  /** Paths; an empty path stands for all values. */
  readonly values: readonly string[];
  /** Top-level fields; an empty name stands for all fields. */
  readonly mesh: ReadonlySet<string>;
  readonly env: ReadonlySet<string>;
}

/** The values and fields that templates print, from their source text. */
function reachOf(templates: readonly string[]): Reach {
  const text = templates.join('\n');
  const values = [...text.matchAll(/\.Values((?:\.\w+)*)/g)].map(([, path = '']) => path.slice(1));
  const mesh = [...text.matchAll(/(\w*)\s*\$?\.MeshConfig(?:\.(\w+))?/g)].map(([, verb, field]) =>
    field === undefined
      ? verb === 'otelResourceAttributes'
        ? 'extensionProviders'
        : ''
      : `${field.slice(0, 1).toLowerCase()}${field.slice(1)}`,
  );
  const env = [...text.matchAll(/\benv\s+["`](\w+)["`]/g)].map(([, name = '']) => name);
  return { values: [...VALUES, ...values], mesh: new Set([...MESH, ...mesh]), env: new Set([...ENVIRONMENT, ...env]) };
}

function picked(fields: Fields, paths: readonly string[]): Fields {
  const heads = new Map<string, string[]>();
  for (const path of paths) {
    const [head = '', ...rest] = path.split('.');
    heads.set(head, [...(heads.get(head) ?? []), rest.join('.')]);
  }
  return heads.has('')
    ? fields
    : Object.fromEntries(
        Object.entries(fields).flatMap(([key, value]) => {
          const rest = heads.get(key);
          const isWhole = typeof value !== 'object' || value === null || Array.isArray(value);
          return rest ? [[key, isWhole ? value : picked(value as Fields, rest)] as const] : [];
        }),
      );
}

function pickedMesh(mesh: Fields, fields: ReadonlySet<string>): Fields {
  if (fields.has('')) {
    return mesh;
  }
  const { extensionProviders, ...rest } = picked(mesh, [...fields]);
  // Of the extension providers, Istio's own templates only check whether one uses the OpenTelemetry semantic
  // conventions. So a single field with this fact replaces the list.
  const enriching = (Array.isArray(extensionProviders) ? (extensionProviders as readonly unknown[]) : []).filter(
    (one) => JSON.stringify(one).includes('OTEL_SEMANTIC_CONVENTIONS'),
  );
  return { ...rest, ...(enriching.length > 0 ? { serviceAttributeEnrichment: 'OTEL_SEMANTIC_CONVENTIONS' } : {}) };
}
