import { parse } from '../../bundled-libraries/yaml';
import type { ConfigMap, WorkloadObject } from '../cluster/objects';
import type { Istiod } from './control-planes';
import { RestartError } from '../restart-error';

/** The configuration of injected proxies in the ConfigMaps, as far as it can be compared with a pod. */
export interface InjectorConfiguration {
  /** The image of `istio-proxy`; undefined if the values do not determine it. */
  readonly image: string | undefined;
  /** Requests and limits of `istio-proxy`, as quantities; undefined if the values do not determine them. */
  readonly resources: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;
  /**
   * The leaves of `meshConfig.defaultConfig`, by path in camel case; undefined if another ConfigMap also contributes to
   * it.
   */
  readonly proxyConfig: ReadonlyMap<string, string> | undefined;
}

interface InjectorValues {
  readonly global?: {
    readonly hub?: string;
    readonly tag?: string | number;
    readonly variant?: string;
    readonly proxy?: { readonly image?: string; readonly resources?: Record<string, Record<string, unknown> | null> };
  };
}

interface MeshConfig {
  readonly defaultConfig?: { readonly image?: { readonly imageType?: string } } & Record<string, unknown>;
}

const IMAGE_TYPES = ['distroless', 'debug', 'default'];

/** The objects with the injector's configuration. */
export type ConfiguredBy = Pick<Istiod, 'injectorConfigMap' | 'meshConfigMap'> & Partial<Pick<Istiod, 'deployment'>>;

/**
 * Reads the two ConfigMaps of one revision: `istio-sidecar-injector` (keys `config` and `values`) and `istio` (key
 * `mesh`). Values that custom templates or another ConfigMap of the mesh may change are undefined.
 *
 * @throws RestartError `InjectorOutOfDate` if istiod cannot read one of them
 */
export function injectorConfiguration({
  injectorConfigMap,
  meshConfigMap,
  deployment,
}: ConfiguredBy): InjectorConfiguration {
  const values = read<InjectorValues>(injectorConfigMap, 'values');
  const meshConfig = read<MeshConfig>(meshConfigMap, 'mesh');
  const own = ownTemplates(injectorConfigMap);
  const isShared = hasSharedMeshConfig(deployment);
  return {
    image: isShared || /\bimage:/.test(own) ? undefined : proxyImage(values, meshConfig),
    resources: /\bresources:/.test(own) ? undefined : proxyResources(values),
    proxyConfig: isShared || own.includes('PROXY_CONFIG') ? undefined : leavesOf(meshConfig.defaultConfig ?? {}),
  };
}

interface InjectorConfig {
  readonly defaultTemplates?: readonly string[] | null;
  readonly templates?: Readonly<Record<string, string>>;
}

/** Custom templates that are applied to every pod in addition to Istio's own. */
function ownTemplates(injector: ConfigMap | undefined): string {
  const { defaultTemplates, templates = {} } = read<InjectorConfig>(injector, 'config');
  return (defaultTemplates ?? [])
    .filter((name) => name !== 'sidecar')
    .map((name) => templates[name] ?? '')
    .join('\n');
}

/** Whether a managed control plane merges a ConfigMap of the user into that of the mesh. */
function hasSharedMeshConfig(deployment: WorkloadObject | undefined): boolean {
  const containers = deployment?.spec.template?.spec.containers ?? [];
  return containers.some(({ env = [] }) => env.some(({ name, value }) => name === 'SHARED_MESH_CONFIG' && value));
}

/** Istio's charts write JSON, which is also YAML, but is faster to parse as JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return parse(text);
  }
}

function read<T extends object>(configMap: ConfigMap | undefined, key: string): T {
  const text = configMap?.data?.[key];
  if (!configMap || text === undefined) {
    return {} as T;
  }
  try {
    return (parsed(text) ?? {}) as T;
  } catch (cause) {
    const { namespace = '', name } = configMap.metadata;
    throw new RestartError(
      'InjectorOutOfDate',
      `ConfigMap ${namespace}/${name} contains no valid YAML in its key "${key}", so istiod keeps an older configuration`,
      { remedy: 'fix it and run again', cause },
    );
  }
}

/** @see https://istio.io/latest/docs/ops/configuration/security/harden-docker-images/ for the variants */
function proxyImage(values: InjectorValues, mesh: MeshConfig): string | undefined {
  const { hub, tag, variant, proxy } = values.global ?? {};
  const image = proxy?.image || 'proxyv2';
  if (image.includes('/')) {
    return image;
  }
  if (!hub || tag === undefined || tag === '') {
    return undefined;
  }
  const type = mesh.defaultConfig?.image?.imageType || variant;
  return `${hub}/${image}:${type ? tagOfType(String(tag), type) : String(tag)}`;
}

function tagOfType(tag: string, type: string): string {
  const known = IMAGE_TYPES.find((suffix) => tag.endsWith(`-${suffix}`));
  const base = known ? tag.slice(0, -known.length - 1) : tag;
  return type === 'default' ? base : `${base}-${type}`;
}

function proxyResources(values: InjectorValues): InjectorConfiguration['resources'] {
  const resources = values.global?.proxy?.resources;
  return (
    resources &&
    Object.fromEntries(
      Object.entries(resources).map(([list, quantities]) => [
        list,
        Object.fromEntries(
          Object.entries(quantities ?? {}).flatMap(([name, quantity]) =>
            typeof quantity === 'string' || typeof quantity === 'number' ? [[name, String(quantity)]] : [],
          ),
        ),
      ]),
    )
  );
}

/** Represents an object without fields. */
export const EMPTY_OBJECT = '{}';

/** The leaves of a configuration by path, such as `tracing.zipkin.address`, with values in Istio's notation. */
export function leavesOf(value: unknown, path = ''): ReadonlyMap<string, string> {
  if (typeof value !== 'object' || value === null) {
    return new Map([[path, normal(value as Parameters<typeof normal>[0])]]);
  }
  const entries: [string, unknown][] = Array.isArray(value)
    ? value.map((item, index) => [String(index), item])
    : Object.entries(value);
  if (entries.length === 0 && path !== '' && !Array.isArray(value) && !isFreeKey(path)) {
    return new Map([[path, EMPTY_OBJECT]]);
  }
  return new Map(
    entries.flatMap(([key, item]) => {
      const name = isFreeKey(path) ? key : camelCase(key);
      return [...leavesOf(item, path === '' ? name : `${path}.${name}`)];
    }),
  );
}

/** Whether the path is that of a map with custom keys, which are not field names. */
function isFreeKey(path: string): boolean {
  return ['proxyMetadata', 'runtimeValues'].includes(path) || path === 'tracing.customTags';
}

function camelCase(key: string): string {
  return key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

const DURATION = /^(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/;

/** Normalizes durations to seconds, and other values to text. */
function normal(value: string | number | boolean | null | undefined): string {
  const text = value === null || value === undefined ? '' : String(value);
  const duration = /\d[hms]/.test(text) ? DURATION.exec(text) : null;
  if (!duration) {
    return text;
  }
  const [, hours = 0, minutes = 0, seconds = 0, milliseconds = 0] = duration.map(Number).map((part) => part || 0);
  return `${String(hours * 3600 + minutes * 60 + seconds + milliseconds / 1000)}s`;
}
