import { gracefulProxyConfig } from './graceful-termination';
import type { IstioInstallation } from './istio-installation';
import type { IstioModuleProps } from './istio-module-props';
import { mergeValues, type HelmValues } from './istio-values';
import { namespaceSelectorProblems } from './namespace-selector';
import { proxyConfigProblems, renderProxyConfig } from './proxy-config';
import { registeredProviders } from '../telemetry/module-telemetry';

/**
 * The mesh configuration of an IstioModule: its own, merged with `meshConfig` and then `defaultConfig`.
 *
 * @param gracefulSeconds seconds for which applications keep serving
 * @param foundation the installation beside which the module runs; the module uses the root namespace and the providers
 * of this installation, because policies for the mesh are in this namespace and refer to these providers
 */
export function renderMeshConfig(
  props: IstioModuleProps,
  gracefulSeconds: number | undefined,
  foundation?: IstioInstallation,
): HelmValues {
  const { defaultConfig: given = {}, ...meshConfig } = props.meshConfig ?? {};
  const own = [...registeredProviders(props), ...(meshConfig.extensionProviders ?? [])];
  const inherited = (foundation?.extensionProviders ?? []).filter(({ name }) => !own.some((one) => one.name === name));
  const providers = [...inherited, ...own];
  const { rootNamespace, namespaceName } = foundation ?? {};
  const drain = drainsAsGiven(props) ? {} : gracefulProxyConfig(gracefulSeconds);
  return mergeValues(
    { defaultConfig: { holdApplicationUntilProxyStarts: true, ...drain } },
    { accessLogFile: props.accessLogFile, enablePrometheusMerge: props.metrics?.merge },
    meshConfig,
    rootNamespace === namespaceName ? {} : { rootNamespace },
    { defaultConfig: renderProxyConfig(given) },
    { defaultConfig: renderProxyConfig(props.defaultConfig ?? {}) },
    providers.length > 0 ? { extensionProviders: providers } : {},
  );
}

/** Whether the props set the drain time of proxies. A proxy that waits for its connections would ignore it. */
function drainsAsGiven({ meshConfig, defaultConfig, values }: IstioModuleProps): boolean {
  const raw = values?.istiod?.meshConfig as IstioModuleProps['meshConfig'];
  return [meshConfig?.defaultConfig, defaultConfig, raw?.defaultConfig].some(
    (config) => config?.terminationDrainDuration !== undefined,
  );
}

/** The problems with the mesh configuration, one sentence each. */
export function meshConfigProblems(props: IstioModuleProps): string[] {
  const { meshConfig = {}, defaultConfig = {}, externalAuthorizers = [] } = props;
  const { trustDomain, trustDomainAliases = [], discoverySelectors } = meshConfig;
  return [
    ...(trustDomain === undefined ? [] : trustDomainProblem('meshConfig.trustDomain', trustDomain)),
    ...trustDomainAliases.flatMap((alias, index) =>
      trustDomainProblem(`meshConfig.trustDomainAliases[${String(index)}]`, alias),
    ),
    ...(discoverySelectors ? namespaceSelectorProblems('meshConfig.discoverySelectors', discoverySelectors) : []),
    ...proxyConfigProblems('meshConfig.defaultConfig', meshConfig.defaultConfig ?? {}),
    ...proxyConfigProblems('defaultConfig', defaultConfig),
    ...autoAllocateProblem(props),
    ...externalAuthorizers.flatMap((one, index) => one.problems(`externalAuthorizers[${String(index)}]`)),
  ];
}

function trustDomainProblem(at: string, domain: string): string[] {
  const labels = domain.replace(/(.)\.$/, '$1').split('.');
  return labels.every((label) => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(label))
    ? []
    : [`${at} '${domain}' is not a trust domain: write a domain name in lower case, such as 'prod.example.com'`];
}

/** If istiod assigns addresses to ServiceEntries, proxies that also assign addresses would use different ones. */
function autoAllocateProblem({ version, meshConfig, defaultConfig }: IstioModuleProps): string[] {
  const places = { 'meshConfig.defaultConfig': meshConfig?.defaultConfig, defaultConfig };
  const minor = Number(version.split('.')[1]);
  return Object.entries(places).flatMap(([at, config]) =>
    config?.proxyMetadata?.ISTIO_META_DNS_AUTO_ALLOCATE === undefined || minor < 25
      ? []
      : [
          `${at}.proxyMetadata.ISTIO_META_DNS_AUTO_ALLOCATE is deprecated in Istio ${version}, because istiod assigns addresses to ServiceEntries itself: leave it out`,
        ],
  );
}
