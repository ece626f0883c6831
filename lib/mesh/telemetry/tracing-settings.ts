import type { CustomTag } from './custom-tag';
import { definedFields } from '../fields';
import { providerName, providerNameProblem, type ProviderReference, type ProviderSource } from './extension-provider';
import type { WorkloadMode } from './workload-mode';

/** Which requests are traced, and what spans say about them. */
export interface TracingOptions {
  /**
   * How many of a hundred requests are traced, from 0 to 100; fractions are possible.
   *
   * @default - that of the wider scope, in the end Istio's: 1
   */
  readonly samplingPercent?: number;

  /**
   * Further tags of every span, by name; they take the place of those of the wider scope.
   *
   * @default - those of the wider scope
   */
  readonly customTags?: Readonly<Record<string, CustomTag>>;
}

/** What is used of a `Tracing` as a provider. */
export interface TracingProvider extends ProviderSource {
  /** The settings of a Telemetry that enable it. */
  settings(): TracingSettings;
}

/**
 * Tracing of a namespace or of workloads: what is left out is as in the wider scope.
 *
 * @see https://istio.io/latest/docs/reference/config/telemetry/#Tracing
 */
export interface TracingSettings extends TracingOptions {
  /**
   * Where spans go: one of the module's providers, as the object or by name.
   *
   * @default - where they go in the wider scope
   */
  readonly provider?: ProviderReference<TracingProvider>;

  /**
   * Whether spans are kept from the backend. Trace headers are passed on all the same.
   *
   * @default false
   */
  readonly disabled?: boolean;

  /**
   * Whether proxies leave trace headers alone: they pass on what the application sends, and make no ids of their own.
   *
   * @default false
   */
  readonly disableContextPropagation?: boolean;

  /**
   * Whether a trace is taken or not by its request id, so that all proxies decide alike.
   *
   * @default - Istio's: true
   */
  readonly useRequestIdForTraceSampling?: boolean;

  /**
   * Whether spans have Istio's own tags, such as the workload and its namespace.
   *
   * @default - Istio's: true
   */
  readonly enableIstioTags?: boolean;

  /**
   * Which side of a connection is meant.
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
