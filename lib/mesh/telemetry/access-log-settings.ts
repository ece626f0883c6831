import { isCel } from './cel-syntax';
import { providerName, providerNameProblem, type ProviderReference, type ProviderSource } from './extension-provider';
import type { WorkloadMode } from './workload-mode';

/** Options that select the requests and connections to log. */
export interface AccessLogOptions {
  /**
   * CEL expression over Envoy's attributes that selects what is logged, such as `response.code >= 500`.
   *
   * @default - everything
   * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/advanced/attributes
   */
  readonly filter?: string;

  /**
   * Which side of a connection is logged.
   *
   * @default - both
   */
  readonly mode?: WorkloadMode;
}

/** The parts of an `AccessLog` that are used as a provider. */
export interface AccessLogProvider extends ProviderSource {
  /** The settings of a Telemetry that enable it. */
  settings(): AccessLogSettings;
}

/** Enables access logs of a namespace or of workloads, with providers. */
export interface EnabledAccessLogs extends AccessLogOptions {
  /** Providers that replace the providers of the wider scope: providers of the module, as objects or by name. */
  readonly providers: readonly ProviderReference<AccessLogProvider>[];
  readonly disabled?: false;
}

/** Enables access logs of a namespace or of workloads, with the providers of the wider scope. */
export interface InheritedAccessLogs {
  readonly providers?: undefined;

  /**
   * Which side of a connection is logged.
   *
   * @default - both
   */
  readonly mode?: WorkloadMode;
  readonly disabled?: false;
  readonly filter?: undefined;
}

/** Disables access logs of a namespace or of workloads. */
export interface DisabledAccessLogs {
  readonly disabled: true;

  /**
   * Providers whose access logs are disabled.
   *
   * @default - the providers of the wider scope
   */
  readonly providers?: readonly ProviderReference<AccessLogProvider>[];

  /**
   * Which side of a connection is not logged.
   *
   * @default - both
   */
  readonly mode?: WorkloadMode;
  readonly filter?: undefined;
}

/**
 * Access logs of a namespace or of workloads.
 *
 * @see https://istio.io/latest/docs/reference/config/telemetry/#AccessLogging
 */
export type AccessLogSettings = EnabledAccessLogs | InheritedAccessLogs | DisabledAccessLogs;

/**
 * The settings, as a Telemetry's `accessLogging`. Providers with the same settings share an entry, because a narrower
 * scope inherits only the providers of the last entry.
 */
export function renderAccessLogs(settings: readonly AccessLogSettings[]): Readonly<Record<string, unknown>>[] {
  interface Entry {
    readonly rest: Readonly<Record<string, unknown>>;
    readonly providers: { readonly name: string }[];
  }
  const entries = new Map<string, Entry>();
  for (const { providers, filter, mode, disabled } of settings) {
    const named = (providers ?? []).map((provider) => ({ name: providerName(provider) }));
    const rest = {
      ...(mode === undefined ? {} : { match: { mode } }),
      ...(filter === undefined ? {} : { filter: { expression: filter } }),
      ...(disabled === undefined ? {} : { disabled }),
    };
    const key = JSON.stringify([rest, named.length > 0]);
    const entry: Entry = entries.get(key) ?? { rest, providers: [] };
    entry.providers.push(...named);
    entries.set(key, entry);
  }
  return [...entries.values()].map(({ rest, providers }) => ({
    ...(providers.length > 0 ? { providers } : {}),
    ...rest,
  }));
}

/** The problems with the settings, one sentence each. */
export function accessLogProblems(at: string, { providers = [], filter }: AccessLogSettings): string[] {
  return [
    ...providers.flatMap((provider) => providerNameProblem(at, providerName(provider))),
    ...(filter !== undefined && providers.length === 0
      ? [`${at} has no provider, so Istio ignores its filter: name one in providers, or leave out filter`]
      : []),
    ...filterProblem(at, filter),
  ];
}

/** The problem with a filter, if any. */
export function filterProblem(at: string, filter: string | undefined): string[] {
  if (filter === undefined) return [];
  if (filter.trim() === '') {
    return [`${at} filter is empty: write an expression such as 'response.code >= 500', or leave it out`];
  }
  return isCel(filter)
    ? []
    : [`${at} filter '${filter}' is not a CEL expression: write one such as 'response.code >= 500'`];
}
