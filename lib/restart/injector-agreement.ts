import type { InjectorConfiguration } from './injector-configuration';
import { leavesOf } from './injector-configuration';
import { sameQuantity } from './quantity';
import type { Sidecar } from './sidecar';

/** One thing on which the injector and the ConfigMaps in the cluster disagree. */
export interface Disagreement {
  readonly what: string;
  /** What the ConfigMaps say. */
  readonly configured: string;
  /** What a pod gets. */
  readonly injected: string;
}

/** Istio prints no field of a proxy's configuration that has its default, so their absence says nothing. */
const DEFAULTS: Readonly<Record<string, string>> = {
  configPath: './etc/istio/proxy',
  binaryPath: '/usr/local/bin/envoy',
  serviceCluster: 'istio-proxy',
  drainDuration: '45s',
  terminationDrainDuration: '5s',
  discoveryAddress: 'istiod.istio-system.svc:15012',
  proxyAdminPort: '15000',
  controlPlaneAuthPolicy: 'MUTUAL_TLS',
  statNameLength: '189',
  statusPort: '15020',
};
const EMPTY = ['', 'false', '0', '0s', 'UNSPECIFIED', 'NONE', 'REDIRECT'];

/**
 * On what the injector's answer to a probe and the ConfigMaps in the cluster disagree; empty when the injector
 * has taken the configuration over, as far as a pod can show it.
 *
 * @param overridden fields of the proxies' configuration that a ProxyConfig resource sets, which the ConfigMap does not decide
 */
export function disagreements(
  configured: InjectorConfiguration,
  probe: Sidecar,
  overridden: ReadonlySet<string> = new Set(),
): Disagreement[] {
  const proxy = probe.containers['istio-proxy']?.fields ?? {};
  return [
    ...(overridden.has('image') ? [] : compareImage(configured, proxy.image)),
    ...compareResources(configured, (proxy.resources ?? {}) as Record<string, Record<string, string> | undefined>),
    ...compareProxyConfig(configured, (proxy.env ?? {}) as Record<string, unknown>, overridden),
  ];
}

function compareImage(configured: InjectorConfiguration, injected: unknown): Disagreement[] {
  return configured.image === undefined || configured.image === injected
    ? []
    : [{ what: 'image', configured: configured.image, injected: text(injected) }];
}

function compareResources(
  configured: InjectorConfiguration,
  injected: Record<string, Record<string, string> | undefined>,
): Disagreement[] {
  return Object.entries(configured.resources ?? {}).flatMap(([list, quantities]) =>
    Object.entries(quantities)
      .filter(([name, quantity]) => !sameQuantity(quantity, injected[list]?.[name]))
      .map(([name, quantity]) => ({
        what: `resources.${list}.${name}`,
        configured: quantity,
        injected: text(injected[list]?.[name]),
      })),
  );
}

function compareProxyConfig(
  configured: InjectorConfiguration,
  env: Record<string, unknown>,
  overridden: ReadonlySet<string>,
): Disagreement[] {
  const printed = parseObject(env.PROXY_CONFIG);
  if (!printed) {
    return [];
  }
  const injected = leavesOf(printed);
  const paths = new Set([...configured.proxyConfig.keys(), ...injected.keys()]);
  return [...paths]
    .filter((path) => !overridden.has(path.split('.')[0] ?? path))
    .filter((path) => {
      const [wanted, got] = [configured.proxyConfig.get(path), injected.get(path)];
      return wanted !== got && !(isUnset(path, wanted) && isUnset(path, got));
    })
    .map((path) => ({
      what: `defaultConfig.${path}`,
      configured: text(configured.proxyConfig.get(path)),
      injected: text(injected.get(path)),
    }));
}

function isUnset(path: string, value: string | undefined): boolean {
  return value === undefined || value === DEFAULTS[path] || EMPTY.includes(value);
}

function parseObject(value: unknown): object | undefined {
  try {
    const parsed: unknown = typeof value === 'string' ? JSON.parse(value) : undefined;
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function text(value: unknown): string {
  return value === undefined ? '(none)' : String(value as string);
}
