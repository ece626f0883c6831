import { isCel } from './cel-syntax';
import { providerName, providerNameProblem, type ProviderReference, type ProviderSource } from './extension-provider';
import type { WorkloadMode } from './workload-mode';

/** Which requests and connections are logged. */
export interface AccessLogOptions {
  /**
   * What is logged, as an expression in CEL over Envoy's attributes, such as `response.code >= 500`.
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

/** What is used of an `AccessLog` as a provider. */
export interface AccessLogProvider extends ProviderSource {
  /** The settings of a Telemetry that enable it. */
  settings(): AccessLogSettings;
}

/** Access logs of a namespace or of workloads that are on: where they go. */
export interface EnabledAccessLogs extends AccessLogOptions {
  /** Where they go instead of where they go in the wider scope: the module's providers, as objects or by name. */
  readonly providers: readonly ProviderReference<AccessLogProvider>[];
  readonly disabled?: false;
}

/** Access logs of a namespace or of workloads that are on, and go where they go in the wider scope. */
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

/** Access logs of a namespace or of workloads that are off. */
export interface DisabledAccessLogs {
  readonly disabled: true;

  /**
   * Which access logs are off.
   *
   * @default - those of the wider scope
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
 * The settings, as a Telemetry's `accessLogging`. Providers that log the same share an entry: what a narrower scope
 * inherits are the providers of the last entry alone.
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
      ? [
          `${at} names no provider, and without one Istio ignores its filter: name one in providers, or leave out filter`,
        ]
      : []),
    ...filterProblem(at, filter),
  ];
}

/** The problem with a filter, or nothing. */
export function filterProblem(at: string, filter: string | undefined): string[] {
  if (filter === undefined) return [];
  if (filter.trim() === '') {
    return [`${at} filter is empty: write an expression such as 'response.code >= 500', or leave it out`];
  }
  return isCel(filter)
    ? []
    : [`${at} filter '${filter}' is not an expression in CEL: write one such as 'response.code >= 500'`];
}
