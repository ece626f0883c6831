import type { ApiObjectMetadata, ApiObjectMetadataDefinition } from 'cdk8s';
import { definedFields } from '../fields';
import { renderResources, resourceProblems, type ContainerResources } from '../installation/container-resources';
import { FIXED_DRAIN, GRACEFUL_TERMINATION_ANNOTATION } from '../installation/graceful-termination';
import { proxyConfigProblems, renderProxyConfig, type ProxyConfig } from '../installation/proxy-config';
import type { ProxyLogLevel } from './proxy-log-level';
import { redirectionProblems, renderRedirection, type SidecarRedirection } from './sidecar-redirection';
import { retiredRegistryWarnings } from '../retired-registry-warnings';
import { printWarning } from '../warnings';
import { renderVolumes, volumeProblems, type SidecarVolume } from './sidecar-volume';

/** Whether a pod gets a sidecar, unless injection is disabled in its namespace. */
export enum PodInjection {
  /**
   * The pod gets a sidecar, from the default control plane if its namespace selects none. Has no effect in a namespace
   * with injection disabled.
   */
  ENABLED = 'true',

  /** The pod gets no sidecar. */
  DISABLED = 'false',
}

/** Options of {@link SidecarSettings}. */
export interface SidecarSettingsOptions extends SidecarRedirection {
  /**
   * Whether the pods get a sidecar.
   *
   * @default - the setting of their namespace
   */
  readonly injection?: PodInjection;

  /**
   * Resources of the sidecar. If any quantity is set, none of the mesh's apply: an omitted limit means no limit, and an
   * omitted request equals the limit.
   *
   * @default - the resources of the mesh: `proxy.resources` of the IstioModule
   */
  readonly resources?: ContainerResources;

  /**
   * Image of the sidecar, with its registry and tag: `registry.example.com/istio/proxyv2:1.31.1-fips`. Such a sidecar
   * is not updated with Istio's version, and a new version does not make it outdated.
   *
   * @default - the image of Istio's version
   */
  readonly image?: string;

  /**
   * Bootstrap configuration of the sidecar, merged over the mesh's: whether the application waits for it
   * (`holdApplicationUntilProxyStarts`), how long it drains (`terminationDrainDuration`), its threads, DNS capture and
   * statistics.
   *
   * @default - the mesh's `defaultConfig`
   */
  readonly proxyConfig?: ProxyConfig;

  /**
   * Whether the sidecar is a native sidecar: an init container that keeps running (Kubernetes 1.29), starts before the
   * application and ends after it, also in Jobs. Otherwise it is an ordinary container.
   *
   * @default - istiod decides: since Istio 1.27, true if the node supports it
   * @see https://istio.io/latest/blog/2023/native-sidecars/
   */
  readonly nativeSidecar?: boolean;

  /**
   * Excludes the pods from the module's `gracefulTermination`: Kubernetes stops their application immediately.
   *
   * @default - the setting of the module
   */
  readonly gracefulTermination?: false;

  /**
   * Log level of the sidecar.
   *
   * @default - the setting of the mesh: ProxyLogLevel.WARNING
   */
  readonly logLevel?: ProxyLogLevel;

  /**
   * Log levels of individual Envoy components, by name, such as `{ http: ProxyLogLevel.DEBUG }`.
   *
   * @default - the setting of the mesh
   */
  readonly componentLogLevels?: Readonly<Record<string, ProxyLogLevel>>;

  /**
   * Volumes that the sidecar mounts.
   *
   * @default - none
   */
  readonly volumes?: readonly SidecarVolume[];
}

/** A workload or pod of cdk8s-plus. */
export interface PodMetadataHolder {
  readonly podMetadata: ApiObjectMetadataDefinition;
}

const HOST = '[a-z0-9]([-a-z0-9.]*[a-z0-9])?(:\\d+)?';
const IMAGE = new RegExp(
  `^${HOST}(/[a-z0-9]+([._-]+[a-z0-9]+)*)+(:[A-Za-z0-9_][-A-Za-z0-9_.]{0,127})?(@sha256:[0-9a-f]{64})?$`,
);

/**
 * Settings for the sidecars of one workload: labels and annotations of its pods, which the injector reads when the pods
 * are created.
 *
 * ```ts
 * const settings = new SidecarSettings({ excludeOutboundPorts: [3306], nativeSidecar: true });
 * settings.applyTo(deployment); // a workload of cdk8s-plus
 * new ApiObject(chart, 'db', { ..., spec: { template: { metadata: settings.metadata(), spec } } });
 * ```
 *
 * @see https://istio.io/latest/docs/reference/config/annotations/
 */
export class SidecarSettings {
  private readonly labels: Readonly<Record<string, string>>;
  private readonly annotations: Readonly<Record<string, string>>;

  /**
   * @throws Error that lists all problems: invalid quantities, ports, CIDR blocks or images, a request above its limit,
   * settings without effect
   */
  constructor(options: SidecarSettingsOptions) {
    const found = problems(options);
    if (found.length > 0) throw new Error(found.map((problem) => `SidecarSettings: ${problem}`).join('\n'));
    if (options.image !== undefined) {
      retiredRegistryWarnings([{ place: 'image', address: options.image }]).forEach((warning) => {
        printWarning(`SidecarSettings: ${warning}`);
      });
    }
    this.labels = options.injection === undefined ? {} : { 'sidecar.istio.io/inject': options.injection };
    this.annotations = renderAnnotations(options);
  }

  /**
   * Metadata of a pod, or of a workload's pod template.
   *
   * @param rest other metadata, whose labels and annotations are kept unless these settings override them
   */
  metadata(rest: ApiObjectMetadata = {}): ApiObjectMetadata {
    const labels = { ...rest.labels, ...this.labels };
    const annotations = { ...rest.annotations, ...this.annotations };
    return {
      ...rest,
      ...(Object.keys(labels).length > 0 ? { labels } : {}),
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    };
  }

  /** Sets the labels and annotations of the pods of a cdk8s-plus workload (`Deployment`, `Job`, `Pod` and so on). */
  applyTo({ podMetadata }: PodMetadataHolder): void {
    for (const [key, value] of Object.entries(this.labels)) podMetadata.addLabel(key, value);
    for (const [key, value] of Object.entries(this.annotations)) podMetadata.addAnnotation(key, value);
  }
}

function renderAnnotations(options: SidecarSettingsOptions): Readonly<Record<string, string>> {
  const { requests = {}, limits = {} } = renderResources(options.resources ?? {});
  const {
    image,
    proxyConfig,
    nativeSidecar,
    gracefulTermination,
    logLevel,
    componentLogLevels,
    volumes = [],
  } = options;
  return {
    ...(definedFields({
      'sidecar.istio.io/proxyCPU': requests.cpu,
      'sidecar.istio.io/proxyMemory': requests.memory,
      'sidecar.istio.io/proxyCPULimit': limits.cpu,
      'sidecar.istio.io/proxyMemoryLimit': limits.memory,
      'sidecar.istio.io/proxyImage': image,
      'sidecar.istio.io/nativeSidecar': nativeSidecar === undefined ? undefined : String(nativeSidecar),
      [GRACEFUL_TERMINATION_ANNOTATION]: gracefulTermination === false ? 'disabled' : undefined,
      'sidecar.istio.io/logLevel': logLevel,
      'sidecar.istio.io/componentLogLevel':
        componentLogLevels &&
        Object.entries(componentLogLevels)
          .map((pair) => pair.join(':'))
          .join(','),
      'proxy.istio.io/config': proxyConfig && JSON.stringify(renderProxyConfig(withOwnDrain(proxyConfig))),
    }) as Record<string, string>),
    ...renderRedirection(options),
    ...renderVolumes(volumes),
  };
}

/**
 * Makes the drain time of a config effective. Otherwise, the proxies of a mesh with graceful termination ignore it and
 * wait until their connections have ended.
 */
function withOwnDrain(config: ProxyConfig): ProxyConfig {
  return config.terminationDrainDuration === undefined
    ? config
    : { ...config, proxyMetadata: { ...FIXED_DRAIN, ...config.proxyMetadata } };
}

function problems(options: SidecarSettingsOptions): string[] {
  const { injection, resources, image, proxyConfig, componentLogLevels = {}, volumes = [], ...rest } = options;
  const given = Object.entries({ ...options, injection: undefined }).filter(([, value]) => value !== undefined);
  const found = [
    ...resourceProblems('resources', resources ?? {}, {}),
    ...redirectionProblems(rest),
    ...proxyConfigProblems('proxyConfig', proxyConfig ?? {}),
    ...volumeProblems(volumes),
  ];
  if (given.length === 0 && injection === undefined) found.push('is empty: set an option');
  if (injection === PodInjection.DISABLED && given.length > 0) {
    found.push(
      `PodInjection.DISABLED removes the sidecar, so ${given.map(([name]) => name).join(', ')} would have no effect: leave out one or the other`,
    );
  }
  if (image !== undefined && !IMAGE.test(image)) {
    found.push(
      `image '${image}' is not an image with a registry: write one such as 'registry.example.com/istio/proxyv2:1.31.1-fips'`,
    );
  }
  for (const component of Object.keys(componentLogLevels).filter((name) => !/^[a-z0-9_]+$/.test(name))) {
    found.push(`componentLogLevels has '${component}', which is not a component of Envoy: write one such as 'http'`);
  }
  return found;
}
