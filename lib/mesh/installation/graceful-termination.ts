import type { Duration } from 'cdk8s';
import { istioDuration } from '../istio-duration';
import { mergeValues, type HelmValues } from './istio-values';
import { minorVersionsAbove } from './istio-version';

/**
 * Keeps a pod out of the graceful termination of its mesh, with the value `disabled`. The injector's template sees a pod's
 * own annotations alone, not the labels of its namespace.
 */
export const GRACEFUL_TERMINATION_ANNOTATION = 'istio-module/graceful-termination';

const TEMPLATE = 'graceful-termination';
/** The chart's, where no values name any. */
const SIDECAR_TEMPLATE = 'sidecar';
const DEFAULT_SECONDS = 5;
/** The oldest Istio of which every supported Kubernetes has the lifecycle handler `sleep`. */
const FIRST_VERSION = '1.28.0';
/** Kubernetes' own grace period. */
const GRACE_PERIOD_SECONDS = 30;
/** What an ordinary sidecar waits for by itself: the time that an application has to stop once it was told. */
const STOP_SECONDS = 5;

/**
 * The seconds for which applications go on serving; undefined for not at all.
 *
 * @param version of Istio: an older one may run on a Kubernetes that would refuse every pod
 */
export function gracefulSeconds(given: Duration | false | undefined, version: string): number | undefined {
  if (given === false) return undefined;
  if (given) return given.toSeconds();
  return minorVersionsAbove(version, FIRST_VERSION) >= 0 ? DEFAULT_SECONDS : undefined;
}

/** The problems with it, one sentence each. */
export function gracefulTerminationProblems(given: Duration | false | undefined): string[] {
  if (given === undefined || given === false) return [];
  const seconds = given.toSeconds({ integral: false });
  return Number.isSafeInteger(seconds) && seconds > 0
    ? []
    : [
        `gracefulTermination ${istioDuration(given)} is not whole seconds: write Duration.seconds(1) or more, or false for none`,
      ];
}

/** What is likely a mistake about it, one sentence each. */
export function gracefulTerminationWarnings(given: Duration | false | undefined): string[] {
  if (given === undefined || given === false || given.toSeconds() < GRACE_PERIOD_SECONDS) return [];
  return [
    `gracefulTermination ${istioDuration(given)} leaves out every pod with Kubernetes' own grace period, which is ${String(GRACE_PERIOD_SECONDS)}s: write less, or set a longer terminationGracePeriodSeconds on pods`,
  ];
}

/** Values of the chart istiod, with the template beside those that they have. */
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
 * The configuration of proxies, so that one that ends with its pod outlives the application: it drains for as long as the
 * application may go on serving, and then until its last connection has ended. A native sidecar ends after the
 * application in any case.
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

/** Metadata with which a proxy drains for a fixed time, whatever its mesh does. */
export const FIXED_DRAIN = { EXIT_ON_ZERO_ACTIVE_CONNECTIONS: 'false' };

/**
 * A sleep before they stop, for containers of the application that do nothing before.
 *
 * Istio puts a container back over what a template has merged into it, list by list; of items with one key it mixes up the
 * fields. So containers with a port of two protocols, or one variable twice, are left alone. What is restarted never or on
 * failure, such as a Job's pod, ends by itself.
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
