/**
 * A backend for tracing, access logs, metrics or authorization, as an entry of `meshConfig.extensionProviders`.
 *
 * @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-ExtensionProvider
 */
export type ExtensionProvider = Readonly<Record<string, unknown>> & { readonly name: string };

/** The use of a provider: in a Telemetry, or in the action CUSTOM of an AuthorizationPolicy. */
export type ProviderUse = 'tracing' | 'access logs' | 'metrics' | 'external authorization';

/** An object that registers a provider in the mesh configuration. */
export interface ProviderSource {
  /** Name of the extension provider in the mesh configuration. */
  readonly providerName: string;

  /** The provider, as an entry of `meshConfig.extensionProviders`. */
  extensionProvider(): ExtensionProvider;
}

/** A provider, as the object that registers it or by its name. */
export type ProviderReference<Source extends ProviderSource = ProviderSource> = Source | string;

/** The providers that every Istio has. */
export const BUILT_IN_PROVIDERS: readonly ExtensionProvider[] = [
  { name: 'prometheus', prometheus: {} },
  { name: 'stackdriver', stackdriver: {} },
  { name: 'envoy', envoyFileAccessLog: { path: '/dev/stdout' } },
];

const USES: Readonly<Record<string, readonly ProviderUse[]>> = {
  opentelemetry: ['tracing'],
  zipkin: ['tracing'],
  datadog: ['tracing'],
  skywalking: ['tracing'],
  lightstep: ['tracing'],
  opencensus: ['tracing'],
  stackdriver: ['tracing', 'access logs', 'metrics'],
  prometheus: ['metrics'],
  envoyFileAccessLog: ['access logs'],
  envoyHttpAls: ['access logs'],
  envoyTcpAls: ['access logs'],
  envoyOtelAls: ['access logs'],
  envoyExtAuthzHttp: ['external authorization'],
  envoyExtAuthzGrpc: ['external authorization'],
};

/** The prop of an IstioModule that registers a provider for a use. */
const REGISTERED_BY: Readonly<Record<ProviderUse, string>> = {
  tracing: 'telemetryProviders',
  'access logs': 'telemetryProviders',
  metrics: 'meshConfig.extensionProviders',
  'external authorization': 'externalAuthorizers',
};

/** The name of a provider that is given as an object or by its name. */
export function providerName(provider: ProviderReference): string {
  return typeof provider === 'string' ? provider : provider.providerName;
}

/** The problem with a provider's name, if any. */
export function providerNameProblem(at: string, name: string): string[] {
  return /^\S+$/.test(name)
    ? []
    : [`${at} provider name '${name}' is not a valid name: write one without spaces, such as 'otlp-tracing'`];
}

/**
 * The problem with each name that two providers of a mesh configuration share. Istio looks up names case-insensitively.
 */
export function sharedNameProblems(providers: readonly ExtensionProvider[]): string[] {
  const names = providers.map(({ name }) => name);
  const known = BUILT_IN_PROVIDERS.map(({ name }) => name);
  return names.flatMap((name, index) => {
    const same = (other: string) => other.toLowerCase() === name.toLowerCase();
    const earlier = names.slice(0, index).find(same) ?? known.find((other) => same(other) && other !== name);
    if (earlier === undefined) return [];
    const which = earlier === name ? `'${name}' is defined twice` : `'${name}' and '${earlier}' differ only in case`;
    return [`extension provider ${which}: give each a different name`];
  });
}

/**
 * The problem with a reference to a provider, if the mesh configuration does not define it for this use.
 *
 * @param at path of the reference, for messages
 * @param module what defines the providers, for messages
 * @param defined the defined providers, besides those that every Istio has
 * @param registry the prop that defines further providers, for messages
 */
export function referenceProblem(
  at: string,
  provider: ProviderReference,
  use: ProviderUse,
  module: string,
  defined: readonly ExtensionProvider[],
  registry = `the module's ${REGISTERED_BY[use]}`,
): string[] {
  const name = providerName(provider);
  const builtIn = BUILT_IN_PROVIDERS.filter((one) => !defined.some((own) => own.name === one.name));
  const fit = [...defined, ...builtIn].filter((one) => isFor(one, use));
  const found = fit.find((one) => one.name === name);
  if (found && typeof provider !== 'string' && JSON.stringify(provider.extensionProvider()) !== JSON.stringify(found)) {
    return [
      `${at} provider '${name}' has other settings than the provider with the same name of ${module}: give one of them another name`,
    ];
  }
  if (found) return [];
  const known = fit.length > 0 ? `knows ${fit.map((one) => `'${one.name}'`).join(', ')}` : 'knows none';
  return [
    `${at} provider '${name}' is not defined for ${use} in ${module} (it ${known}): add it to ${registry}, or write another`,
  ];
}

function isFor(provider: ExtensionProvider, use: ProviderUse): boolean {
  const [type = ''] = Object.keys(provider).filter((key) => key !== 'name');
  return USES[type]?.includes(use) ?? true;
}
