import { Duration } from 'cdk8s';
import {
  CustomTag,
  MeshNamespace,
  SidecarInjection,
  TagOverride,
  type MeshNamespaceProps,
  type MetricOverride,
} from 'istio-module';
import { observe, type WrongInput } from '../wrong-input';
import type { MendedInputs } from './mended-input';

const tag = (one: CustomTag) => observe({ tracing: { customTags: { a: one } } });
const logs = (filter: string) => observe({ accessLogs: [{ providers: ['envoy'], filter }] });
const override = (one: MetricOverride) => observe({ metrics: { overrides: [one] } });
const created =
  (props: Partial<MeshNamespaceProps>): WrongInput['construct'] =>
  (chart) =>
    new MeshNamespace(chart, 'one', { name: 'stage', ...props });

/** What is advised instead of the mistakes in telemetry, and in namespaces. */
export const mendedObservability: MendedInputs = {
  '101 % traced': ['write a number from 0 to 100', observe({ tracing: { samplingPercent: 100 } })],
  '-1 % traced': ['write a number from 0 to 100', observe({ tracing: { samplingPercent: 0 } })],
  'a tag that says nothing': ['write a value', tag(CustomTag.literal('a'))],
  'a tag of no header': ["write a name such as 'x-tenant'", tag(CustomTag.header('x-a'))],
  'a tag of no variable': ["write a name such as 'POD_NAME'", tag(CustomTag.environment('A'))],
  'a tag without a name': [
    "write one, such as 'tenant'",
    observe({ tracing: { customTags: { tenant: CustomTag.literal('a') } } }),
  ],
  'spans to nobody': ["write one without spaces, such as 'otlp-tracing'", observe({ tracing: { provider: 'otel' } })],
  'logs to nobody': [
    "write one without spaces, such as 'otlp-tracing'",
    observe({ accessLogs: [{ providers: ['envoy'] }] }),
  ],
  'a filter that is not closed': ["write one such as 'response.code >= 500'", logs('has(a.b)')],
  'half a text in a filter': ["write one such as 'response.code >= 500'", logs("a == 'b'")],
  'a filter that breaks off': ["write one such as 'response.code >= 500'", logs('response.code >= 400')],
  'a filter of two words': ["write one such as 'response.code >= 500'", logs('a')],
  'metrics to nobody': [
    "write one without spaces, such as 'otlp-tracing'",
    observe({ metrics: { providers: ['prometheus'] } }),
  ],
  'no time between reports': [
    'write at least Duration.millis(1), or leave it out',
    observe({ metrics: { reportingInterval: Duration.millis(1) } }),
  ],
  'a metric without a name': [
    "write letters, digits, '_' and ':'",
    override({ metric: { custom: 'requests' }, disabled: true }),
  ],
  'a tag of a metric without a value': [
    "write an expression such as 'request.host', or TagOverride.REMOVE",
    override({ tags: { a: TagOverride.upsert('request.host') } }),
  ],
  'telemetry of workloads by a pattern': [
    "write at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit",
    observe({ workload: { app: 'a' }, tracing: { disabled: true } }),
  ],
  'a namespace in upper case': [
    'write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit',
    created({ name: 'stage' }),
  ],
  'a long namespace': [
    'write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit',
    created({ name: 'a'.repeat(63) }),
  ],
  'a label with a blank': [
    "write at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit",
    created({ labels: { team: 'a-b' } }),
  ],
  'an annotation without a name': [
    "write at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit, after an optional domain name and '/'",
    created({ annotations: { 'a.b/a': 'c' } }),
  ],
  'a revision that is no name': [
    'write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit',
    created({ injection: SidecarInjection.revision('a-b') }),
  ],
};
