import type { InjectorConfiguration } from '../istio/injector-configuration';
import { EMPTY_OBJECT, leavesOf } from '../istio/injector-configuration';
import { sameQuantity } from '../cluster/quantity';
import { SHOWN_SETTINGS, type Rule } from './shown-settings';
import { NOT_SHOWN, ruleOf, shownText } from './shown-text';
import type { Sidecar } from './sidecar';

/** One mismatch between the injector and the ConfigMaps in the cluster. */
export interface Disagreement {
  readonly what: string;
  /** The value in the ConfigMaps; `(none)`, or `(not shown)` by the rules for differences. */
  readonly configured: string;
  /** The value in an injected pod, by the same rules. */
  readonly injected: string;
}

/**
 * Istio omits fields of the proxy configuration with one of these values, so their absence is not a mismatch. Fields of
 * wrapper types are printed whatever their value is.
 */
const DEFAULTS: Readonly<Record<string, readonly string[]>> = {
  configPath: ['./etc/istio/proxy'],
  binaryPath: ['/usr/local/bin/envoy'],
  serviceCluster: ['istio-proxy'],
  drainDuration: ['45s'],
  terminationDrainDuration: ['5s'],
  discoveryAddress: ['istiod.istio-system.svc:15012'],
  proxyAdminPort: ['15000'],
  controlPlaneAuthPolicy: ['MUTUAL_TLS', 'NONE'],
  interceptionMode: ['REDIRECT'],
  statNameLength: ['189'],
  statusPort: ['15020'],
};
const EMPTY = ['', 'false', '0', 'UNSPECIFIED', 'UNDEFINED'];
/** Fields of wrapper types, by the last segment of their path, and maps of strings, by the first segment. */
const ALWAYS_PRINTED =
  /(^|\.)(concurrency|holdApplicationUntilProxyStarts|statsCompression|enableIstioTags|fallback|disabled|enabled|preserveHttp1HeaderCase|subject|cert|chain|dns|uri|insecureSkipVerify)$|^(proxyMetadata|runtimeValues)\./;
/** Fields that Istio no longer reads, but that old configurations still contain. */
const IGNORED = ['parentShutdownDuration', 'connectTimeout'];

/**
 * The mismatches between the injector's answer to a probe and the ConfigMaps in the cluster; empty if the injector uses
 * its current configuration, as far as a pod can show it.
 *
 * @param overridden fields of the proxy configuration that ProxyConfig resources set instead of the ConfigMap
 * @param isCompleted whether a LimitRange has added resources to the pod's containers
 */
export function disagreements(
  configured: InjectorConfiguration,
  probe: Sidecar,
  overridden: ReadonlySet<string> = new Set(),
  isCompleted = false,
): Disagreement[] {
  const proxy = probe.containers['istio-proxy']?.fields ?? {};
  return [
    ...(overridden.has('image') ? [] : compareImage(configured, proxy.image)),
    ...compareResources(
      configured,
      (proxy.resources ?? {}) as Record<string, Record<string, string> | undefined>,
      isCompleted,
    ),
    ...compareProxyConfig(configured, (proxy.env ?? {}) as Record<string, unknown>, overridden),
  ];
}

function compareImage(configured: InjectorConfiguration, injected: unknown): Disagreement[] {
  return configured.image === undefined || configured.image === injected
    ? []
    : [disagreement('image', configured.image, injected, ruleOfProxy('image'))];
}

function compareResources(
  configured: InjectorConfiguration,
  injected: Record<string, Record<string, string> | undefined>,
  isCompleted: boolean,
): Disagreement[] {
  const { resources } = configured;
  if (!resources) {
    return [];
  }
  // A missing request defaults to the limit. A LimitRange adds missing limits and requests.
  const isAdded = (list: string, name: string) =>
    isCompleted || (list === 'requests' && injected.limits?.[name] === injected.requests?.[name]);
  return ['limits', 'requests'].flatMap((list) =>
    [...new Set([...Object.keys(resources[list] ?? {}), ...Object.keys(injected[list] ?? {})])]
      .filter((name) => {
        const [wanted, got] = [resources[list]?.[name], injected[list]?.[name]];
        return wanted === undefined ? !isAdded(list, name) : !sameQuantity(wanted, got);
      })
      .map((name) => {
        const [wanted, got] = [resources[list]?.[name], injected[list]?.[name]];
        return disagreement(`resources.${list}.${name}`, wanted, got, ruleOfProxy('resources', list, name));
      }),
  );
}

function compareProxyConfig(
  configured: InjectorConfiguration,
  env: Record<string, unknown>,
  overridden: ReadonlySet<string>,
): Disagreement[] {
  const printed = parseObject(env.PROXY_CONFIG);
  const { proxyConfig: wanted } = configured;
  if (!printed || !wanted) {
    return [];
  }
  const injected = leavesOf(printed);
  return [...new Set([...wanted.keys(), ...injected.keys()])]
    .filter((path) => {
      const field = path.split('.')[0] ?? path;
      return !overridden.has(field) && !IGNORED.includes(field);
    })
    .filter((path) => !agrees(path, wanted, injected))
    .map((path) => {
      const rule = path.split('.').reduce(ruleIn, SHOWN_SETTINGS.defaultConfig);
      return disagreement(`defaultConfig.${path}`, wanted.get(path), injected.get(path), rule);
    });
}

type Leaves = ReadonlyMap<string, string>;

function agrees(path: string, wanted: Leaves, injected: Leaves): boolean {
  const [value, got] = [wanted.get(path), injected.get(path)];
  if (value === got) {
    return true;
  }
  if (value === EMPTY_OBJECT || got === EMPTY_OBJECT) {
    return holds(wanted, path) && holds(injected, path);
  }
  // Istio omits a field with its default value, but prints the field's parent object, even if that is then empty.
  return isUnset(path, value) && isDefault(path, got) && (value === undefined || holds(injected, parentOf(path)));
}

/** Whether there is a value at the path: a leaf, or an object with leaves. The root always counts. */
function holds(leaves: Leaves, path: string): boolean {
  return path === '' || leaves.has(path) || [...leaves.keys()].some((leaf) => leaf.startsWith(`${path}.`));
}

function parentOf(path: string): string {
  return path.includes('.') ? path.slice(0, path.lastIndexOf('.')) : '';
}

function isUnset(path: string, value: string | undefined): boolean {
  return isDefault(path, value) || (EMPTY.includes(value ?? '') && !ALWAYS_PRINTED.test(path));
}

function isDefault(path: string, value: string | undefined): boolean {
  return value === undefined || (DEFAULTS[path] ?? []).includes(value);
}

function parseObject(value: unknown): object | undefined {
  try {
    const parsed: unknown = typeof value === 'string' ? JSON.parse(value) : undefined;
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function disagreement(what: string, configured: unknown, injected: unknown, rule: Rule | undefined): Disagreement {
  const text = (value: unknown) =>
    value === undefined ? '(none)' : value === EMPTY_OBJECT ? EMPTY_OBJECT : shownText(rule, value);
  return { what, configured: text(configured), injected: text(injected) };
}

function ruleOfProxy(...path: readonly string[]): Rule | undefined {
  return ['istio-proxy', ...path].reduce(ruleIn, SHOWN_SETTINGS.containers);
}

function ruleIn(rule: Rule | undefined, key: string): Rule | undefined {
  return ruleOf(rule, key) ?? rule?.items?.([], 0);
}

/** A mismatch as a clause. */
export function disagreementText({ what, configured, injected }: Disagreement): string {
  return configured === NOT_SHOWN && injected === NOT_SHOWN
    ? `${what} differs between the ConfigMaps and an injected pod`
    : `${what} is ${configured} in the ConfigMaps and ${injected} in an injected pod`;
}
