import fc, { type Arbitrary } from 'fast-check';
import {
  CustomTag,
  IstioMetric,
  TagOverride,
  WorkloadMode,
  type AccessLogSettings,
  type MeshTelemetryProps,
  type MetricsSettings,
  type TracingSettings,
} from 'istio-module';
import {
  byName,
  duration,
  headerName,
  labels,
  listOf,
  mostly,
  oddText,
  percent,
  some,
  something,
  textOf,
} from './values';

const provider = textOf('otlp-tracing', 'prometheus', 'envoy');
const mode = fc.constantFrom(...Object.values(WorkloadMode));
const tag: Arbitrary<CustomTag> = fc.oneof(
  textOf('one', ' ').map((value) => CustomTag.literal(value)),
  textOf('POD_NAME', 'a.b-c').map((name) => CustomTag.environment(name)),
  fc.tuple(headerName, some<{ defaultValue: string }>({ defaultValue: textOf('x') })).map(([name, rest]) => {
    return CustomTag.header(name, rest);
  }),
);
const tracing: Arbitrary<TracingSettings> = something(
  some<TracingSettings>({
    provider,
    disableContextPropagation: fc.boolean(),
    useRequestIdForTraceSampling: fc.boolean(),
    enableIstioTags: fc.boolean(),
    disabled: fc.boolean(),
    mode,
    samplingPercent: percent,
    customTags: byName(textOf('tenant', 'a b'), tag),
  }),
);
const FILTERS = [
  'response.code >= 500',
  "request.headers['x-a'] == 'b'",
  'true',
  'has(a.b)',
  'a in [1, 2u, 0x1F]',
  '.a',
];
const WRONG_FILTERS = ['response.code >=', 'a b', '(', 'a &', '1..2', '08', 'if', 'a[', 'null()', '1e999', 'has(a)'];
const CEL = 'a b . 1 2.5 0x1 "s" ( ) [ ] { } , : ? == < && || & ! - % in true has( .all( \\ 1u $ a.b a,b'.split(' ');
const filter = mostly(
  fc.constantFrom(...FILTERS, 'a ? b : c', '{"a": 1}.a', '[].all(x, x > 1e3)', '1 + 2 * 3 % 4 // c', '-a.b(c) != !d'),
  fc.oneof(
    fc.constantFrom(...WRONG_FILTERS),
    oddText,
    fc.array(fc.constantFrom(...CEL), { maxLength: 6 }).map((parts) => parts.join(' ')),
  ),
  4,
);
const accessLog = fc.oneof(
  fc.tuple(listOf(provider, 2), some<object>({ filter, mode })).map(([providers, rest]) => ({ providers, ...rest })),
  some<object>({ providers: fc.array(provider, { maxLength: 2 }), mode }).map((rest) => ({ disabled: true, ...rest })),
) as Arbitrary<AccessLogSettings>;
const override = some<NonNullable<MetricsSettings['overrides']>[number]>({
  metric: fc.oneof(
    fc.constantFrom(...Object.values(IstioMetric)),
    textOf('a_b:c').map((custom) => ({ custom })),
  ),
  mode,
  disabled: fc.boolean(),
  tags: byName(
    textOf('a_b', 'host'),
    fc.oneof(
      fc.constant(TagOverride.REMOVE),
      textOf('request.host').map((value) => TagOverride.upsert(value)),
    ),
  ),
});
const metrics: Arbitrary<MetricsSettings> = some<MetricsSettings>({
  providers: fc.array(provider, { maxLength: 2 }),
  overrides: fc.array(override, { maxLength: 2 }),
  reportingInterval: duration,
});

/** Telemetry about requests. */
export const telemetry: Arbitrary<MeshTelemetryProps> = fc
  .tuple(
    fc.oneof(
      fc.constant({ namespace: 'shop' }),
      labels.map((workload) => ({ namespace: 'shop', workload })),
      fc.constant({ rootNamespace: 'istio-system' }),
    ),
    something(some<object>({ tracing, accessLogs: fc.array(accessLog, { maxLength: 2 }), metrics })),
  )
  .map(([where, rest]) => ({ ...where, ...rest }));
