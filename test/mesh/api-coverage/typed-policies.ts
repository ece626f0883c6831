import type { MutualTls } from 'istio-module';
import {
  AuthorizationAction,
  Condition,
  CustomTag,
  Jwks,
  Requests,
  TagOverride,
  TokenLocation,
  Tokenless,
  type AccessLogSettings,
  type AuthorizationOperation,
  type AuthorizationPolicyProps,
  type AuthorizationRule,
  type AuthorizationSource,
  type ConditionValues,
  type IstioMetric,
  type JwtAuthenticationProps,
  type JwtRule,
  type MeshTelemetryProps,
  type MetricOverride,
  type MetricsSettings,
  type PeerAuthenticationProps,
  type PolicyTarget,
  type TargetedPolicyScope,
  type TracingSettings,
  type WorkloadMode,
} from 'istio-module';
import type { Fields } from './fields';

/** The workloads, or other objects, that a policy in a namespace applies to. */
export function scope(spec: Fields, namespace: string): TargetedPolicyScope {
  const selector = spec.of('selector');
  return {
    namespace,
    workload: selector ? selector.map('matchLabels') : spec.of('workloadSelector')?.map('labels'),
    targets: spec.each('targetRefs', (target) => ({
      kind: target.text<PolicyTarget['kind']>('kind') ?? 'Service',
      name: target.text('name') ?? '',
    })),
  };
}

export function peerAuthenticationProps(spec: Fields, namespace: string): PeerAuthenticationProps {
  const ports = spec.entries('portLevelMtls').map(([port, mtls]) => [port, mtls.text('mode') ?? '']);
  return {
    ...scope(spec, namespace),
    mode: spec.with('mtls', (mtls) => mtls.text<MutualTls>('mode')),
    ports: Object.fromEntries(ports) as Record<number, MutualTls>,
  };
}

export function authorizationPolicyProps(
  spec: Fields,
  namespace: string,
  annotations: Readonly<Record<string, string>> = {},
): AuthorizationPolicyProps {
  const dryRun = annotations['istio.io/dry-run'];
  return {
    ...scope(spec, namespace),
    action: action(spec),
    rules: rules(spec, namespace),
    dryRun: dryRun === undefined ? undefined : dryRun === 'true',
  };
}

function action(spec: Fields): AuthorizationAction {
  switch (spec.text('action')) {
    case 'DENY':
      return AuthorizationAction.DENY;
    case 'AUDIT':
      return AuthorizationAction.AUDIT;
    case 'CUSTOM':
      return AuthorizationAction.custom(spec.of('provider')?.text('name') ?? '');
    default:
      return AuthorizationAction.ALLOW;
  }
}

function rules(spec: Fields, namespace: string): readonly AuthorizationRule[] | Requests {
  if (!spec.has('rules')) return Requests.NONE;
  const given = spec.list('rules');
  return given.length === 1 && given[0]?.names.length === 0 ? Requests.ALL : given.map((one) => rule(one, namespace));
}

function rule(fields: Fields, namespace: string): AuthorizationRule {
  return {
    from: fields.each('from', (from) => source(from.of('source') ?? from, namespace)),
    to: fields.each('to', (to) => operation(to)),
    when: fields.each('when', condition),
  };
}

/** A source; for Istio, a service account without a namespace is in the namespace of the policy. */
function source(fields: Fields, namespace: string): AuthorizationSource {
  const accounts = (name: string) =>
    fields.texts(name)?.map((account) => (account.includes('/') ? account : `${namespace}/${account}`));
  return Object.fromEntries(
    fields.names.map((name) => [name, /erviceAccounts$/.test(name) ? accounts(name) : fields.texts(name)]),
  );
}

function operation(fields: Fields): AuthorizationOperation {
  const given = fields.of('operation');
  const ports = (name: string) => given?.texts(name)?.map(Number);
  return {
    ...given?.names.reduce((all, name) => ({ ...all, [name]: given.texts(name) }), {}),
    ports: ports('ports'),
    notPorts: ports('notPorts'),
  };
}

function condition(fields: Fields): Condition {
  const on = attribute(fields.text('key') ?? '');
  const [values, notValues] = [fields.texts('values'), fields.texts('notValues')];
  if (!values) return on.notValues(...((notValues ?? []) as unknown as [string]));
  const allowed = on.values(...(values as [string]));
  return notValues ? allowed.except(...(notValues as [string])) : allowed;
}

function attribute(key: string): ConditionValues {
  const [, name = '', brackets = ''] = /^([^[]*)(.*)$/.exec(key) ?? [];
  const names = [...brackets.matchAll(/\[([^\]]*)\]/g)].map(([, inner = '']) => inner);
  const [first = '', ...inner] = names;
  if (name.startsWith('experimental.')) return Condition.envoyFilter(name.slice('experimental.'.length), first);
  const known: Readonly<Record<string, () => ConditionValues>> = {
    'request.headers': () => Condition.header(first),
    'request.auth.claims': () => Condition.claim(first, ...inner),
    'request.auth.audiences': () => Condition.audience(),
    'request.auth.presenter': () => Condition.presenter(),
    'request.auth.principal': () => Condition.requestPrincipal(),
    'source.ip': () => Condition.sourceIp(),
    'remote.ip': () => Condition.remoteIp(),
    'source.namespace': () => Condition.sourceNamespace(),
    'source.principal': () => Condition.sourcePrincipal(),
    'source.serviceAccount': () => Condition.sourceServiceAccount(),
    'source.trustDomain': () => Condition.sourceTrustDomain(),
    'destination.ip': () => Condition.destinationIp(),
    'destination.port': () => Condition.destinationPort(),
    'connection.sni': () => Condition.sni(),
  };
  const on = known[name];
  if (!on) throw new Error(`no construct has the condition '${key}'`);
  return on();
}

export function jwtAuthenticationProps(spec: Fields, namespace: string): JwtAuthenticationProps {
  return { ...scope(spec, namespace), jwtRules: spec.list('jwtRules').map(jwtRule), tokenless: Tokenless.ALLOWED };
}

function jwtRule(fields: Fields): JwtRule {
  const locations = [
    ...fields
      .list('fromHeaders')
      .map((header) => TokenLocation.header(header.text('name') ?? '', { prefix: header.text('prefix') })),
    ...(fields.texts('fromParams') ?? []).map((name) => TokenLocation.queryParam(name)),
    ...(fields.texts('fromCookies') ?? []).map((name) => TokenLocation.cookie(name)),
  ];
  const claims = fields
    .list('outputClaimToHeaders')
    .map((output) => [output.text('header') ?? '', output.text('claim') ?? '']);
  return {
    issuer: fields.text('issuer'),
    jwks: keys(fields),
    audiences: fields.texts('audiences'),
    from: locations.length > 0 ? locations : undefined,
    forwardOriginalToken: fields.flag('forwardOriginalToken'),
    outputPayloadToHeader: fields.text('outputPayloadToHeader'),
    outputClaimToHeaders: claims.length > 0 ? (Object.fromEntries(claims) as Record<string, string>) : undefined,
    spaceDelimitedClaims: fields.texts('spaceDelimitedClaims'),
    timeout: fields.duration('timeout'),
  };
}

function keys(fields: Fields): Jwks {
  const [uri, inline] = [fields.text('jwksUri'), fields.text('jwks')];
  if (inline !== undefined) return Jwks.inline(inline);
  return uri === undefined ? Jwks.DISCOVERY : Jwks.uri(uri);
}

export function telemetryProps(spec: Fields, namespace: string): MeshTelemetryProps {
  return {
    ...scope(spec, namespace),
    tracing: spec.list('tracing').map(tracing)[0],
    accessLogs: spec.each('accessLogging', accessLogs),
    metrics: spec.list('metrics').map(metrics)[0],
  };
}

const providers = (fields: Fields) => fields.each('providers', (provider) => provider.text('name') ?? '');

function tracing(fields: Fields): TracingSettings {
  return {
    provider: providers(fields)?.[0],
    mode: fields.of('match')?.text<WorkloadMode>('mode'),
    samplingPercent: fields.number('randomSamplingPercentage'),
    customTags: fields.has('customTags')
      ? Object.fromEntries(fields.entries('customTags').map(([name, tag]) => [name, customTag(tag)]))
      : undefined,
    disabled: fields.flag('disableSpanReporting'),
    disableContextPropagation: fields.flag('disableContextPropagation'),
    useRequestIdForTraceSampling: fields.flag('useRequestIdForTraceSampling'),
    enableIstioTags: fields.flag('enableIstioTags'),
  };
}

function customTag(fields: Fields): CustomTag {
  const named = fields.of('environment') ?? fields.of('header');
  if (named) {
    const options = { defaultValue: named.text('defaultValue') };
    const make = fields.has('header') ? CustomTag.header : CustomTag.environment;
    return make(named.text('name') ?? '', options);
  }
  const text = (fields.of('literal') ?? fields.of('formatter'))?.text('value') ?? '';
  return fields.has('formatter') ? CustomTag.formatter(text) : CustomTag.literal(text);
}

function accessLogs(fields: Fields): AccessLogSettings {
  return {
    providers: providers(fields),
    filter: fields.of('filter')?.text('expression'),
    mode: fields.of('match')?.text<WorkloadMode>('mode'),
    disabled: fields.flag('disabled'),
  } as AccessLogSettings;
}

function metrics(fields: Fields): MetricsSettings {
  return {
    providers: providers(fields),
    reportingInterval: fields.duration('reportingInterval'),
    overrides: fields.each('overrides', override),
  };
}

function override(fields: Fields): MetricOverride {
  const match = fields.of('match');
  const custom = match?.text('customMetric');
  return {
    metric: custom === undefined ? match?.text<IstioMetric>('metric') : { custom },
    mode: match?.text<WorkloadMode>('mode'),
    disabled: fields.flag('disabled'),
    tags: Object.fromEntries(
      fields
        .entries('tagOverrides')
        .map(([name, tag]) => [
          name,
          tag.text('operation') === 'REMOVE' ? TagOverride.REMOVE : TagOverride.upsert(tag.text('value') ?? ''),
        ]),
    ),
  };
}
