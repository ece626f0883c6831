import { referenceProblem, sharedNameProblems, type ExtensionProvider } from './extension-provider';
import type { IstioModuleProps } from '../installation/istio-module-props';
import type { MeshConfig } from '../installation/mesh-config';
import { metricsProblems } from './metrics-settings';
import type { TelemetrySettings } from './telemetry-settings';

type TelemetryProps = Pick<
  IstioModuleProps,
  'tracing' | 'accessLogs' | 'metrics' | 'telemetryProviders' | 'externalAuthorizers' | 'accessLogFile' | 'meshConfig'
>;

/** The providers that the props of an IstioModule register, in addition to those of its `meshConfig`. */
export function registeredProviders(props: TelemetryProps) {
  const { tracing, accessLogs = [], telemetryProviders = [], externalAuthorizers = [] } = props;
  // A provider of the whole mesh may also be listed among those for individual workloads.
  const sources = new Set([
    ...(tracing ? [tracing] : []),
    ...accessLogs,
    ...telemetryProviders,
    ...externalAuthorizers,
  ]);
  return [...sources].map((source): ExtensionProvider => source.extensionProvider());
}

/** The mesh-wide telemetry settings in the props of an IstioModule. */
export function moduleTelemetry({ tracing, accessLogs, metrics }: TelemetryProps): TelemetrySettings {
  return { tracing: tracing?.settings(), accessLogs: accessLogs?.map((log) => log.settings()), metrics };
}

/** The problems with default providers that the mesh configuration does not define, one sentence each. */
export function defaultProviderProblems({ defaultProviders = {}, extensionProviders = [] }: MeshConfig): string[] {
  const { tracing = [], metrics = [], accessLogging = [] } = defaultProviders;
  const places = [
    { field: 'tracing', names: tracing, use: 'tracing' },
    { field: 'metrics', names: metrics, use: 'metrics' },
    { field: 'accessLogging', names: accessLogging, use: 'access logs' },
  ] as const;
  return places.flatMap(({ field, names, use }) =>
    names.flatMap((name) =>
      referenceProblem(`meshConfig.defaultProviders.${field}`, name, use, 'this module', extensionProviders),
    ),
  );
}

/** The problems with the telemetry props, one sentence each. */
export function moduleTelemetryProblems(props: TelemetryProps): string[] {
  const { tracing, accessLogs = [], metrics, telemetryProviders = [], accessLogFile, meshConfig } = props;
  const providers = [...registeredProviders(props), ...(meshConfig?.extensionProviders ?? [])];
  const found = [
    ...(tracing?.problems('tracing') ?? []),
    ...accessLogs.flatMap((log, index) => log.problems(`accessLogs[${String(index)}]`)),
    ...telemetryProviders.flatMap((one, index) => one.problems(`telemetryProviders[${String(index)}]`)),
    ...(metrics ? metricsProblems('metrics', metrics) : []),
    ...(metrics?.providers ?? []).flatMap((name) =>
      referenceProblem('metrics', name, 'metrics', 'this module', providers),
    ),
    ...sharedNameProblems(providers),
  ];
  if (accessLogFile !== undefined && accessLogs.length > 0) {
    found.push(
      `accessLogFile '${accessLogFile}' has no effect with accessLogs: add AccessLog.envoyFile() to accessLogs instead`,
    );
  }
  if (metrics?.merge !== undefined && meshConfig?.enablePrometheusMerge !== undefined) {
    found.push('metrics.merge and meshConfig.enablePrometheusMerge are the same setting: leave out the latter');
  }
  return found;
}
