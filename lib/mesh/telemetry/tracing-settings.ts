import type { CustomTag } from './custom-tag';
import { definedFields } from '../fields';
import { providerName, providerNameProblem, type ProviderReference, type ProviderSource } from './extension-provider';
import type { WorkloadMode } from './workload-mode';

/** Sampling of requests, and the tags of spans. */
export interface TracingOptions {
  /**
   * Share of requests to trace, in percent, from 0 to 100; fractions are possible.
   *
   * @default - the share of the wider scope, or else Istio's: 1
   */
  readonly samplingPercent?: number;

  /**
   * Additional tags of every span, by name. They replace the tags of the wider scope.
   *
   * @default - the tags of the wider scope
   */
  readonly customTags?: Readonly<Record<string, CustomTag>>;
}

/** The parts of a `Tracing` that are used as a provider. */
export interface TracingProvider extends ProviderSource {
  /** The settings of a Telemetry that enable it. */
  settings(): TracingSettings;
}

/**
 * Tracing of a namespace or of workloads. Omitted settings are inherited from the wider scope.
 *
 * @see https://istio.io/latest/docs/reference/config/telemetry/#Tracing
 */
export interface TracingSettings extends TracingOptions {
  /**
   * Provider to which spans are sent: one of the module's providers, as the object or by name.
   *
   * @default - the provider of the wider scope
   */
  readonly provider?: ProviderReference<TracingProvider>;

  /**
   * Whether no spans are sent to the backend. Trace headers are still forwarded.
   *
   * @default false
   */
  readonly disabled?: boolean;

  /**
   * Whether proxies do not modify trace headers: they forward the headers that the application sends, and create no
   * IDs.
   *
   * @default false
   */
  readonly disableContextPropagation?: boolean;

  /**
   * Whether the request ID determines if a trace is sampled, so that all proxies make the same decision.
   *
   * @default - Istio's: true
   */
  readonly useRequestIdForTraceSampling?: boolean;

  /**
   * Whether spans have Istio's tags, such as the workload and its namespace.
   *
   * @default - Istio's: true
   */
  readonly enableIstioTags?: boolean;

  /**
   * The side of a connection to which the settings apply.
   *
   * @default - both
   */
  readonly mode?: WorkloadMode;
}

/** The settings, as an entry of a Telemetry's `tracing`. */
export function renderTracing(settings: TracingSettings): Readonly<Record<string, unknown>> {
  const { provider, disabled, mode, samplingPercent, customTags } = settings;
  return {
    ...(mode === undefined ? {} : { match: { mode } }),
    ...(provider === undefined ? {} : { providers: [{ name: providerName(provider) }] }),
    ...(samplingPercent === undefined ? {} : { randomSamplingPercentage: samplingPercent }),
    ...(customTags
      ? { customTags: Object.fromEntries(Object.entries(customTags).map(([name, tag]) => [name, tag.render()])) }
      : {}),
    ...definedFields({
      disableSpanReporting: disabled,
      disableContextPropagation: settings.disableContextPropagation,
      useRequestIdForTraceSampling: settings.useRequestIdForTraceSampling,
      enableIstioTags: settings.enableIstioTags,
    }),
  };
}

/** The problems with sampling and tags, one sentence each. */
export function tracingOptionProblems(at: string, { samplingPercent, customTags = {} }: TracingOptions): string[] {
  const problems: string[] = [];
  if (samplingPercent !== undefined && !(samplingPercent >= 0 && samplingPercent <= 100)) {
    problems.push(`${at} samplingPercent ${String(samplingPercent)} is out of range: write a number from 0 to 100`);
  }
  for (const [name, tag] of Object.entries(customTags)) {
    if (name.trim() === '') problems.push(`${at} customTags has a tag without a name: write one, such as 'tenant'`);
    problems.push(...tag.problems().map((problem) => `${at} customTags '${name}' ${problem}`));
  }
  return problems;
}

/** The problems with the settings, one sentence each. */
export function tracingProblems(at: string, settings: TracingSettings): string[] {
  const { provider } = settings;
  return [
    ...(provider === undefined ? [] : providerNameProblem(at, providerName(provider))),
    ...tracingOptionProblems(at, settings),
  ];
}

/** Likely mistakes in the settings, one sentence each. */
export function tracingWarnings(at: string, settings: TracingSettings): string[] {
  return Object.keys(definedFields({ ...settings, mode: undefined })).length === 0
    ? [`${at} is empty: set provider, samplingPercent, customTags or disabled, or leave it out`]
    : [];
}
