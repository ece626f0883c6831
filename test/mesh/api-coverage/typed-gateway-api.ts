import { Duration } from 'cdk8s';
import {
  Destination,
  ListenerTls,
  Match,
  Mirror,
  Origin,
  RouteParent,
  type AllowedRoutes,
  type ClientValidation,
  type CorsPolicy,
  type GRPCRouteProps,
  type HTTPRouteProps,
  type HTTPRouteRedirect,
  type HTTPRouteRule,
  type HeaderChanges,
  type HeaderOperations,
  type KubernetesGatewayProps,
  type Listener,
  type ListenerTlsOptions,
  type NamespaceSelector,
  type PathChange,
  type ReferenceGrantProps,
  type StringMatch,
  type TLSRouteProps,
} from 'istio-module';
import { Fields, defined } from './fields';

const TERMINATE_MODE = 'gateway.istio.io/tls-terminate-mode';

/** The props that stand for an HTTPRoute. */
export function httpRouteProps(spec: Fields, namespace: string): HTTPRouteProps {
  return {
    namespace,
    parents: spec.list('parentRefs').map(parent),
    hostnames: spec.texts('hostnames'),
    rules: spec.list('rules').map(httpRule),
  };
}

/** The props that stand for a GRPCRoute. */
export function grpcRouteProps(spec: Fields, namespace: string): GRPCRouteProps {
  return {
    namespace,
    parents: spec.list('parentRefs').map(parent),
    hostnames: spec.texts('hostnames'),
    rules: spec.list('rules').map((rule) => ({
      name: rule.text('name'),
      match: rule.each('matches', grpcMatch),
      headers: headersOf(rule),
      mirror: mirrorsOf(rule),
      to: rule.list('backendRefs').map(destination),
    })),
  };
}

/** The props that stand for a TLSRoute. */
export function tlsRouteProps(spec: Fields, namespace: string): TLSRouteProps {
  return {
    namespace,
    parents: spec.list('parentRefs').map(parent),
    hostnames: spec.texts('hostnames') ?? [],
    to: spec.list('rules').flatMap((rule) => rule.list('backendRefs').map(destination)),
  };
}

/** The props that stand for a ReferenceGrant. */
export function referenceGrantProps(spec: Fields, namespace: string): ReferenceGrantProps {
  return {
    namespace,
    from: spec.list('from').map((from) => ({
      kind: from.text('kind') as ReferenceGrantProps['from'][number]['kind'],
      namespace: from.text('namespace') ?? '',
    })),
    to: spec
      .list('to')
      .map((to) => ({ kind: to.text('kind') as ReferenceGrantProps['to'][number]['kind'], name: to.text('name') })),
  };
}

/** The props that stand for a Gateway of the Gateway API. */
export function kubernetesGatewayProps(spec: Fields, namespace: string): KubernetesGatewayProps {
  const [address] = spec.list('addresses');
  const [value, isHost] = [address?.text('value'), address?.text('type') === 'Hostname'];
  if (spec.list('addresses').length > 1) throw new Error('several addresses are not supported');
  const infrastructure = spec.of('infrastructure');
  return {
    namespace,
    gatewayClass: spec.text('gatewayClassName'),
    service: isHost ? value?.replace(`.${namespace}.svc.cluster.local`, '') : undefined,
    loadBalancerIp: isHost ? undefined : value,
    infrastructure: infrastructure && {
      labels: infrastructure.map('labels'),
      annotations: infrastructure.map('annotations'),
      configMap: infrastructure.of('parametersRef')?.text('name'),
    },
    listeners: spec.list('listeners').map(listener),
    allowedListeners: spec.with('allowedListeners', allowedRoutes)?.namespaces,
    clientValidation: spec.of('tls')?.of('frontend')?.of('default')?.with('validation', clientValidation),
    backendCertificate: spec.of('tls')?.of('backend')?.with('clientCertificateRef', objectName),
  };
}

function parent(ref: Fields): RouteParent {
  const name = ref.text('name') ?? '';
  const place = { namespace: ref.text('namespace'), port: ref.number('port') };
  const kind = ref.text('kind');
  if (kind === 'Service') return RouteParent.service(name, place);
  if (kind === 'ServiceEntry') return RouteParent.serviceEntry({ name, namespace: place.namespace }, place);
  if (kind === 'ListenerSet') {
    return RouteParent.listenerSet(
      { name, namespace: place.namespace },
      { listener: ref.text('sectionName'), port: place.port },
    );
  }
  if (kind !== 'Gateway') throw new Error(`a parent of kind ${kind ?? ''} is not supported`);
  const { namespace, port } = place;
  return RouteParent.gateway({ name, namespace }, { listener: ref.text('sectionName'), port });
}

function httpRule(rule: Fields): HTTPRouteRule {
  const common = {
    name: rule.text('name'),
    match: rule.each('matches', httpMatch),
    headers: headersOf(rule),
    cors: filter(rule, 'CORS', 'cors') && cors(filter(rule, 'CORS', 'cors') as Fields),
  };
  const redirect = filter(rule, 'RequestRedirect', 'requestRedirect');
  if (redirect) return { ...common, redirect: redirectOf(redirect) };
  const rewrite = filter(rule, 'URLRewrite', 'urlRewrite');
  const [timeouts, retry] = [rule.of('timeouts'), rule.of('retry')];
  return {
    ...common,
    to: rule.list('backendRefs').map(destination),
    timeout: duration(timeouts?.text('request')),
    retries: {
      attempts: retry?.number('attempts'),
      on: retry?.texts('codes')?.map(Number),
      backoff: duration(retry?.text('backoff')),
      perTryTimeout: duration(timeouts?.text('backendRequest')),
    },
    rewrite: rewrite && { ...pathChange(rewrite), authority: rewrite.text('hostname') },
    mirror: mirrorsOf(rule),
  };
}

function httpMatch(match: Fields): Match {
  const path = match.of('path');
  const value = path?.text('value') ?? '/';
  const paths = {
    PathPrefix: () => Match.pathPrefix(value),
    Exact: () => Match.uri().exact(value),
    RegularExpression: () => Match.uri().regex(value),
  };
  return all(
    path ? paths[path.text<'Exact'>('type') ?? 'PathPrefix']() : undefined,
    ...named(match, 'headers', (name) => Match.header(name)),
    ...named(match, 'queryParams', (name) => Match.queryParam(name)),
    match.has('method') ? Match.method().exact(match.text('method') ?? '') : undefined,
  );
}

function grpcMatch(match: Fields): Match {
  const method = match.of('method');
  const [service, name] = [method?.text('service'), method?.text('method')];
  return all(
    method?.text('type') === 'RegularExpression'
      ? Match.uri().regex(`/${service ?? '[^/]+'}/${name ?? '.+'}`)
      : method && Match.grpcMethod(service === undefined ? { name: name ?? '' } : { service, name }),
    ...named(match, 'headers', (header) => Match.header(header)),
  );
}

function all(...conditions: readonly (Match | undefined)[]): Match {
  const [first, ...others] = defined(...conditions);
  if (!first) throw new Error('a match without conditions is not supported');
  return others.reduce((some, one) => some.and(one), first);
}

function named(match: Fields, list: string, comparing: (name: string) => StringMatch): Match[] {
  return match.list(list).map((one) => {
    const [compared, value] = [comparing(one.text('name') ?? ''), one.text('value') ?? ''];
    return one.text('type') === 'RegularExpression' ? compared.regex(value) : compared.exact(value);
  });
}

function destination(ref: Fields): Destination {
  return Destination.otherHost(hostOf(ref), {
    port: ref.number('port'),
    weight: ref.number('weight'),
    headers: headersOf(ref),
  });
}

function hostOf(ref: Fields): string {
  const [name, namespace, kind] = [ref.text('name') ?? '', ref.text('namespace'), ref.text('kind')];
  if (kind === 'Hostname') return name;
  if (kind !== 'Service') throw new Error(`a backend of kind ${kind ?? ''} is not supported`);
  return namespace === undefined ? name : `${name}.${namespace}.svc.cluster.local`;
}

function mirrorsOf(rule: Fields): Mirror[] | undefined {
  const mirrors = rule.list('filters').flatMap((one) => one.of('requestMirror') ?? []);
  const share = (mirror: Fields) => {
    const fraction = mirror.of('fraction');
    if (!fraction) return mirror.number('percent');
    return ((fraction.number('numerator') ?? 0) / (fraction.number('denominator') ?? 100)) * 100;
  };
  return mirrors.length === 0
    ? undefined
    : mirrors.map((mirror) => {
        const ref = mirror.of('backendRef') ?? new Fields({});
        return Mirror.toHost(hostOf(ref), { port: ref.number('port'), percent: share(mirror) });
      });
}

function headersOf(holder: Fields): HeaderChanges | undefined {
  const request = filter(holder, 'RequestHeaderModifier', 'requestHeaderModifier');
  const response = filter(holder, 'ResponseHeaderModifier', 'responseHeaderModifier');
  return request || response
    ? { request: request && operations(request), response: response && operations(response) }
    : undefined;
}

function operations(modifier: Fields): HeaderOperations {
  const pairs = (list: string) =>
    modifier.has(list)
      ? Object.fromEntries(modifier.list(list).map((one) => [one.text('name') ?? '', one.text('value') ?? '']))
      : undefined;
  return { set: pairs('set'), add: pairs('add'), remove: modifier.texts('remove') };
}

function cors(policy: Fields): CorsPolicy {
  const maxAge = policy.number('maxAge');
  return {
    allowOrigins: (policy.texts('allowOrigins') ?? []).map((one) => (one === '*' ? Origin.ANY : Origin.exact(one))),
    allowMethods: policy.texts('allowMethods'),
    allowHeaders: policy.texts('allowHeaders'),
    exposeHeaders: policy.texts('exposeHeaders'),
    allowCredentials: policy.flag('allowCredentials'),
    maxAge: maxAge === undefined ? undefined : Duration.seconds(maxAge),
  };
}

function redirectOf(redirect: Fields): HTTPRouteRedirect {
  return {
    ...pathChange(redirect),
    authority: redirect.text('hostname'),
    scheme: redirect.text('scheme'),
    port: redirect.number('port'),
    code: redirect.number('statusCode') as HTTPRouteRedirect['code'],
  };
}

function pathChange(holder: Fields): PathChange {
  const path = holder.of('path');
  const prefixRewrite = path?.text('replacePrefixMatch');
  return prefixRewrite === undefined ? { uri: path?.text('replaceFullPath') } : { prefixRewrite };
}

function filter(holder: Fields, type: string, field: string): Fields | undefined {
  return holder
    .list('filters')
    .find((one) => one.text('type') === type)
    ?.of(field);
}

function listener(fields: Fields): Listener {
  const tls = fields.with('tls', listenerTls);
  const { protocol = 'HTTP', hostname } = {
    protocol: fields.text<'HTTPS'>('protocol'),
    hostname: fields.text('hostname'),
  };
  return {
    name: fields.text('name') ?? '',
    port: fields.number('port') ?? 0,
    protocol,
    hostname,
    tls,
    allowedRoutes: fields.with('allowedRoutes', allowedRoutes),
  } as Listener;
}

function listenerTls(tls: Fields): ListenerTls {
  if (tls.text('mode') === 'Passthrough') return ListenerTls.PASSTHROUGH;
  const { [TERMINATE_MODE]: mode, 'gateway.istio.io/tls-cipher-suites': suites } = tls.map('options') ?? {};
  if (mode === 'ISTIO_MUTUAL') return ListenerTls.istioMutual();
  if (mode === 'ISTIO_SIMPLE') return ListenerTls.istioSimple();
  const refs = tls
    .list('certificateRefs')
    .map((ref) => ({ name: ref.text('name') ?? '', namespace: ref.text('namespace') }));
  const options = {
    certificate: refs as never,
    cipherSuites: suites?.split(/, */) as ListenerTlsOptions['cipherSuites'],
  };
  if (mode === 'MUTUAL') return ListenerTls.mutual(options);
  return mode === 'OPTIONAL_MUTUAL' ? ListenerTls.optionalMutual(options) : ListenerTls.simple(options);
}

function clientValidation(fields: Fields): ClientValidation {
  return {
    authorities: fields.list('caCertificateRefs').map(objectName),
    allowInsecureFallback: fields.text('mode') === 'AllowInsecureFallback',
  };
}

function objectName(ref: Fields) {
  return { name: ref.text('name') ?? '', namespace: ref.text('namespace') };
}

function selector(fields: Fields | undefined): NamespaceSelector {
  return {
    matchLabels: fields?.map('matchLabels'),
    matchExpressions: fields?.each('matchExpressions', (one) => ({
      key: one.text('key') ?? '',
      operator: one.text<'In'>('operator') ?? 'In',
      values: one.texts('values') as [string],
    })),
  };
}

function allowedRoutes(allowed: Fields): AllowedRoutes {
  const namespaces = allowed.of('namespaces');
  const from = namespaces?.text<'Same' | 'All' | 'Selector'>('from');
  return {
    namespaces: from === 'Selector' ? selector(namespaces?.of('selector')) : from,
    kinds: allowed.each('kinds', (kind) => kind.text('kind') as 'HTTPRoute'),
  };
}

/** A duration of the Gateway API, such as `1h30m`. */
function duration(text: string | undefined): Duration | undefined {
  if (text === undefined) return undefined;
  const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };
  const parts = [...text.matchAll(/(\d+)(ms|h|m|s)/g)];
  return Duration.millis(parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (units[unit] ?? 0), 0));
}
