import { Duration } from 'cdk8s';
import {
  CustomTag,
  IstioMetric,
  MeshNamespace,
  SidecarInjection,
  TagOverride,
  WorkloadMode,
  type MeshNamespaceProps,
  type MetricOverride,
} from 'istio-module';
import { observe, telemetry, untyped, wrong, type WrongInput } from './wrong-input';

const log = { name: 'envoy' };
const traced = (fields: object) => telemetry({ tracing: [fields] });
const tagged = (tag: object) => traced({ customTags: { a: tag } });
const logged = (fields: object) => telemetry({ accessLogging: [{ providers: [log], ...fields }] });
const measured = (override: object) => telemetry({ metrics: [{ overrides: [override] }] });
const tag = (one: CustomTag) => observe({ tracing: { customTags: { a: one } } });
const logs = (filter: string) => observe({ accessLogs: [{ providers: ['envoy'], filter }] });
const override = (one: MetricOverride) => observe({ metrics: { overrides: [one] } });
const namespace = (metadata: object) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'wrong', ...metadata },
});
const created = (props: Partial<MeshNamespaceProps>) => (chart: ConstructorParameters<typeof MeshNamespace>[0]) =>
  new MeshNamespace(chart, 'one', { name: 'wrong', ...props });

/** Mistakes in telemetry, and in namespaces. */
export const observability: readonly WrongInput[] = [
  wrong(
    '101 % traced',
    traced({ randomSamplingPercentage: 101 }),
    observe({ tracing: { samplingPercent: 101 } }),
    'range',
  ),
  wrong(
    '-1 % traced',
    traced({ randomSamplingPercentage: -1 }),
    observe({ tracing: { samplingPercent: -1 } }),
    'range',
  ),
  wrong('a tag that says nothing', tagged({ literal: { value: '' } }), tag(CustomTag.literal('')), 'empty literal'),
  wrong('a tag of no header', tagged({ header: { name: '' } }), tag(CustomTag.header('')), "header ''"),
  wrong('a tag of no variable', tagged({ environment: { name: '' } }), tag(CustomTag.environment('')), "variable ''"),
  wrong(
    'a tag without a name',
    traced({ customTags: { '': { literal: { value: 'a' } } } }),
    observe({ tracing: { customTags: { '': CustomTag.literal('a') } } }),
    'a tag without a name',
  ),
  wrong('spans to nobody', traced({ providers: [{ name: '' }] }), observe({ tracing: { provider: '' } }), "name ''"),
  wrong(
    'logs to nobody',
    telemetry({ accessLogging: [{ providers: [{ name: '' }] }] }),
    observe({ accessLogs: [{ providers: [''] }] }),
    "name ''",
  ),
  wrong(
    'a filter that is not closed',
    logged({ filter: { expression: 'has(a.b' } }),
    logs('has(a.b'),
    'is not a CEL expression',
  ),
  wrong(
    'half a text in a filter',
    logged({ filter: { expression: "a == 'b" } }),
    logs("a == 'b"),
    'is not a CEL expression',
  ),
  wrong(
    'a filter that breaks off',
    logged({ filter: { expression: 'response.code >=' } }),
    logs('response.code >='),
    'is not a CEL expression',
  ),
  wrong('a filter of two words', logged({ filter: { expression: 'a b' } }), logs('a b'), 'is not a CEL expression'),
  untyped(
    'an invalid side of connections',
    logged({ match: { mode: 'BOTH' } }),
    // @ts-expect-error: one of the sides
    observe({ accessLogs: [{ providers: ['envoy'], mode: WorkloadMode.BOTH }] }),
  ),
  wrong(
    'metrics to nobody',
    telemetry({ metrics: [{ providers: [{ name: '' }] }] }),
    observe({ metrics: { providers: [''] } }),
    "name ''",
  ),
  wrong(
    'no time between reports',
    telemetry({ metrics: [{ reportingInterval: '0s' }] }),
    observe({ metrics: { reportingInterval: Duration.seconds(0) } }),
    'is too short',
  ),
  wrong(
    'a metric without a name',
    measured({ match: { customMetric: '' }, disabled: true }),
    override({ metric: { custom: '' }, disabled: true }),
    "metric ''",
  ),
  untyped(
    'a metric that Istio does not have',
    measured({ match: { metric: 'REQUESTS' }, disabled: true }),
    // @ts-expect-error: one of Istio's
    override({ metric: IstioMetric.REQUESTS, disabled: true }),
  ),
  wrong(
    'a tag of a metric without a value',
    measured({ tagOverrides: { a: { operation: 'UPSERT', value: '' } } }),
    override({ tags: { a: TagOverride.upsert('') } }),
    'is empty',
  ),
  untyped(
    'a value of a tag that is removed',
    measured({ tagOverrides: { a: { operation: 'REMOVE', value: 'b' } } }),
    // @ts-expect-error: no value
    () => TagOverride.REMOVE('b'),
  ),
  wrong(
    'telemetry of workloads by a pattern',
    telemetry({ selector: { matchLabels: { app: '*' } }, tracing: [{ disableSpanReporting: true }] }),
    observe({ workload: { app: '*' }, tracing: { disabled: true } }),
    'is not a valid label',
  ),
  wrong('a namespace in upper case', namespace({ name: 'Shop' }), created({ name: 'Shop' }), 'is not a valid name'),
  wrong(
    'a long namespace',
    namespace({ name: 'a'.repeat(64) }),
    created({ name: 'a'.repeat(64) }),
    'is not a valid name',
  ),
  wrong(
    'a label with a blank',
    namespace({ labels: { team: 'a b' } }),
    created({ labels: { team: 'a b' } }),
    'is not a valid label',
  ),
  wrong(
    'an annotation without a name',
    namespace({ annotations: { 'a.b/': 'c' } }),
    created({ annotations: { 'a.b/': 'c' } }),
    'is not a valid annotation key',
  ),
  wrong(
    'a revision that is no name',
    namespace({ labels: { 'istio.io/rev': 'a b' } }),
    created({ injection: SidecarInjection.revision('a b') }),
    'is not a valid name',
  ),
];
