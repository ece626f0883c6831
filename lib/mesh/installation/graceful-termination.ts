import type { Duration } from 'cdk8s';
import { istioDuration } from '../istio-duration';
import { mergeValues, type HelmValues } from './istio-values';
import { minorVersionsAbove } from './istio-version';

/**
 * With the value `disabled`, excludes a pod from the graceful termination of its mesh. It is an annotation of pods
 * because the injection template cannot read the labels of the namespace.
 */
export const GRACEFUL_TERMINATION_ANNOTATION = 'istio-module/graceful-termination';

const TEMPLATE = 'graceful-termination';
/** The default of the chart. */
const SIDECAR_TEMPLATE = 'sidecar';
const DEFAULT_SECONDS = 5;
/** The oldest Istio version whose supported Kubernetes versions all have the lifecycle handler `sleep`. */
const FIRST_VERSION = '1.28.0';
/** Kubernetes' default grace period. */
const GRACE_PERIOD_SECONDS = 30;
/** The time for the application to stop when it no longer serves: the default drain time of a sidecar. */
const STOP_SECONDS = 5;

/**
 * The number of seconds for which applications keep serving; undefined if graceful termination is disabled. By default,
 * it is disabled in versions before FIRST_VERSION. They may run on a Kubernetes without the handler `sleep`, which
 * rejects pods with this handler.
 *
 * @param version version of Istio
 */
export function gracefulSeconds(given: Duration | false | undefined, version: string): number | undefined {
  if (given === false) return undefined;
  if (given) return given.toSeconds();
  return minorVersionsAbove(version, FIRST_VERSION) >= 0 ? DEFAULT_SECONDS : undefined;
}

/** The problems with the prop, one sentence each. */
export function gracefulTerminationProblems(given: Duration | false | undefined): string[] {
  if (given === undefined || given === false) return [];
  const seconds = given.toSeconds({ integral: false });
  return Number.isSafeInteger(seconds) && seconds > 0
    ? []
    : [
        `gracefulTermination ${istioDuration(given)} is not a whole number of seconds: write Duration.seconds(1) or more, or false to disable it`,
      ];
}

/** Likely mistakes in the prop, one sentence each. */
export function gracefulTerminationWarnings(given: Duration | false | undefined): string[] {
  if (given === undefined || given === false || given.toSeconds() < GRACE_PERIOD_SECONDS) return [];
  return [
    `gracefulTermination ${istioDuration(given)} excludes every pod with Kubernetes' default grace period of ${String(GRACE_PERIOD_SECONDS)}s: write less, or set a longer terminationGracePeriodSeconds on pods`,
  ];
}

/** The values of the istiod chart with the added template. */
export function withGracefulTemplate(values: HelmValues, seconds: number | undefined): HelmValues {
  if (seconds === undefined) return values;
  const { templates = {}, defaultTemplates = [] } = (values.sidecarInjectorWebhook ?? {}) as {
    readonly templates?: Readonly<Record<string, string>>;
    readonly defaultTemplates?: readonly string[];
  };
  const given = defaultTemplates.length > 0 ? defaultTemplates : [SIDECAR_TEMPLATE];
  return mergeValues(values, {
    sidecarInjectorWebhook: {
      templates: { [TEMPLATE]: template(seconds), ...templates },
      defaultTemplates: given.includes(TEMPLATE) ? given : [...given, TEMPLATE],
    },
  });
}

/**
 * The configuration of proxies with which an ordinary sidecar outlives the application. The sidecar drains while the
 * application keeps serving (`seconds`), while the application stops (STOP_SECONDS), and then until the last connection
 * of the sidecar has ended. A native sidecar always ends after the application.
 */
export function gracefulProxyConfig(seconds: number | undefined): HelmValues {
  return seconds === undefined
    ? {}
    : {
        proxyMetadata: {
          EXIT_ON_ZERO_ACTIVE_CONNECTIONS: 'true',
          MINIMUM_DRAIN_DURATION: `${String(seconds + STOP_SECONDS)}s`,
        },
      };
}

/** Metadata with which a proxy drains for a fixed time, regardless of the settings of its mesh. */
export const FIXED_DRAIN = { EXIT_ON_ZERO_ACTIVE_CONNECTIONS: 'false' };

/**
 * An injection template that adds a sleep before the stop of application containers without a `preStop` hook.
 *
 * Istio merges the original container over the result of a template, list by list, and mixes up the fields of items
 * with the same key. Containers with a port for two protocols, or with a duplicate variable, are therefore skipped.
 * Pods with the restart policy Never or OnFailure, such as those of Jobs, end by themselves.
 */
function template(seconds: number): string {
  return `{{- $grace := ${String(GRACE_PERIOD_SECONDS)} }}
{{- with .Spec.TerminationGracePeriodSeconds }}{{ $grace = int64 . }}{{ end }}
{{- $ends := or (eq .Spec.RestartPolicy "Never") (eq .Spec.RestartPolicy "OnFailure") }}
{{- $optsOut := eq (index .ObjectMeta.Annotations "${GRACEFUL_TERMINATION_ANNOTATION}") "disabled" }}
{{- $names := list }}
{{- if not (or $ends $optsOut (le $grace ${String(seconds)})) }}
{{- range .Spec.Containers }}
{{- $keys := list }}
{{- range .Ports }}{{ $keys = append $keys (printf "port %d" .ContainerPort) }}{{ end }}
{{- range .Env }}{{ $keys = append $keys .Name }}{{ end }}
{{- $isPlain := eq (len $keys) (len (uniq $keys)) }}
{{- if and $isPlain (ne .Name "istio-proxy") (not (and .Lifecycle .Lifecycle.PreStop)) }}
{{- $names = append $names .Name }}
{{- end }}
{{- end }}
{{- end }}
{{- if $names }}
spec:
  containers:
  {{- range $names }}
  - name: {{ quote . }}
    lifecycle: { preStop: { sleep: { seconds: ${String(seconds)} } } }
  {{- end }}
{{- else }}
{}
{{- end }}
`;
}
