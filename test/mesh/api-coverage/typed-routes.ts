import {
  Destination,
  Fault,
  Match,
  Mirror,
  Origin,
  type CorsPolicy,
  type GrpcStatus,
  type HeaderChanges,
  type HeaderOperations,
  type Redirect,
  type Retries,
  type RetryCondition,
  type Rewrite,
  type StringMatch,
  type TcpMatch,
  type TcpRoute,
  type TlsMatch,
  type TlsRoute,
  type TrafficPolicyProps,
  type TrafficRoute,
} from 'istio-module';
import type { Fields } from './fields';
import { defined } from './fields';

/** The policy that stands for a VirtualService. */
export function policyOfVirtualService(spec: Fields, namespace: string): TrafficPolicyProps {
  return {
    namespace,
    hosts: spec.texts('hosts') ?? 'delegated',
    gateways: spec.texts('gateways'),
    exportTo: spec.texts('exportTo'),
    routes: spec.each('http', route),
    tlsRoutes: spec.each('tls', tlsRoute),
    tcpRoutes: spec.each('tcp', tcpRoute),
  };
}

function route(fields: Fields): TrafficRoute {
  const common = {
    name: fields.text('name'),
    match: fields.each('match', match),
    headers: fields.with('headers', headers),
    cors: fields.with('corsPolicy', cors),
  };
  const redirect = fields.with('redirect', redirectOf);
  if (redirect) return { ...common, redirect };
  const response = fields.of('directResponse');
  if (response) {
    const { status = 0, body } = { status: response.number('status'), body: response.of('body')?.text('string') };
    return { ...common, directResponse: { status, body } };
  }
  const forwarding = {
    timeout: fields.duration('timeout'),
    retries: fields.with('retries', retries),
    rewrite: fields.with('rewrite', rewrite),
    mirror: fields.each('mirrors', mirror),
    fault: fields.with('fault', fault),
  };
  const delegate = fields.of('delegate');
  return delegate
    ? {
        ...common,
        ...forwarding,
        delegate: { name: delegate.text('name') ?? '', namespace: delegate.text('namespace') },
      }
    : { ...common, ...forwarding, to: fields.list('route').map(destination) };
}

function match(fields: Fields): Match {
  const ignoreCase = fields.flag('ignoreUriCase') ?? false;
  const conditions = defined(
    fields.with('uri', (uri) => compared(ignoreCase ? Match.uriIgnoringCase() : Match.uri(), uri)),
    fields.with('scheme', (scheme) => compared(Match.scheme(), scheme)),
    fields.with('method', (method) => compared(Match.method(), method)),
    fields.with('authority', (authority) => compared(Match.authority(), authority)),
    ...fields
      .entries('headers')
      .map(([name, value]) =>
        value.names.length > 0 ? compared(Match.header(name), value) : Match.headerPresent(name),
      ),
    ...fields
      .entries('withoutHeaders')
      .map(([name, value]) =>
        value.names.length > 0 ? compared(Match.withoutHeader(name), value) : Match.headerAbsent(name),
      ),
    ...fields.entries('queryParams').map(([name, value]) => compared(Match.queryParam(name), value)),
    fields.has('port') ? Match.port(fields.number('port') ?? 0) : undefined,
    fields.has('sourceLabels') ? Match.sourceLabels(fields.map('sourceLabels') ?? {}) : undefined,
    fields.has('sourceNamespace') ? Match.sourceNamespace(fields.text('sourceNamespace') ?? '') : undefined,
    fields.has('gateways') ? Match.gateways(...(fields.texts('gateways') ?? [])) : undefined,
  );
  const [first, ...others] = conditions;
  if (!first) throw new Error('a match without conditions is not supported');
  const all = others.reduce((some, one) => some.and(one), first);
  return fields.has('name') ? all.named(fields.text('name') ?? '') : all;
}

function compared(comparing: StringMatch, value: Fields): Match {
  if (value.has('prefix')) return comparing.prefix(value.text('prefix') ?? '');
  return value.has('regex') ? comparing.regex(value.text('regex') ?? '') : comparing.exact(value.text('exact') ?? '');
}

function target(fields: Fields) {
  const destination = fields.of('destination');
  const port = destination?.of('port')?.number('number');
  return { host: destination?.text('host') ?? '', subset: destination?.text('subset'), port };
}

function destination(fields: Fields): Destination {
  const { host, ...options } = target(fields);
  return Destination.otherHost(host, {
    ...options,
    weight: fields.number('weight'),
    headers: fields.with('headers', headers),
  });
}

function mirror(fields: Fields): Mirror {
  const { host, ...options } = target(fields);
  return Mirror.toHost(host, { ...options, percent: fields.with('percentage', (share) => share.number('value') ?? 0) });
}

function headers(fields: Fields): HeaderChanges {
  return { request: fields.with('request', operations), response: fields.with('response', operations) };
}

function operations(fields: Fields): HeaderOperations {
  return { set: fields.map('set'), add: fields.map('add'), remove: fields.texts('remove') };
}

function cors(fields: Fields): CorsPolicy {
  return {
    allowOrigins: fields.list('allowOrigins').map((origin) => {
      if (origin.has('prefix')) return Origin.prefix(origin.text('prefix') ?? '');
      return origin.has('regex') ? Origin.regex(origin.text('regex') ?? '') : Origin.exact(origin.text('exact') ?? '');
    }),
    allowMethods: fields.texts('allowMethods'),
    allowHeaders: fields.texts('allowHeaders'),
    exposeHeaders: fields.texts('exposeHeaders'),
    maxAge: fields.duration('maxAge'),
    allowCredentials: fields.flag('allowCredentials'),
  };
}

function redirectOf(fields: Fields): Redirect {
  const prefixRewrite = fields.text('prefixRewrite');
  return {
    ...(prefixRewrite === undefined ? { uri: fields.text('uri') } : { prefixRewrite }),
    authority: fields.text('authority'),
    scheme: fields.text('scheme'),
    port: fields.number('port') ?? fields.text<'FROM_PROTOCOL_DEFAULT'>('derivePort'),
    code: fields.number('redirectCode') as Redirect['code'],
  };
}

function rewrite(fields: Fields): Rewrite {
  const regex = fields.of('uriRegexRewrite');
  const authority = fields.text('authority');
  return regex
    ? { authority, uriRegex: { match: regex.text('match') ?? '', rewrite: regex.text('rewrite') ?? '' } }
    : { authority, uri: fields.text('uri') };
}

function retries(fields: Fields): Retries {
  return {
    attempts: fields.number('attempts') ?? 0,
    perTryTimeout: fields.duration('perTryTimeout'),
    on: fields
      .text('retryOn')
      ?.split(',')
      .map((condition) => (/^\d+$/.test(condition) ? Number(condition) : (condition as RetryCondition))),
    retryRemoteLocalities: fields.flag('retryRemoteLocalities'),
    retryIgnorePreviousHosts: fields.flag('retryIgnorePreviousHosts'),
    backoff: fields.duration('backoff'),
  };
}

function fault(fields: Fields): Fault {
  const percent = (of: Fields) => ({ percent: of.of('percentage')?.number('value') ?? 0 });
  const [first, second] = defined(
    fields.with('delay', (delay) => Fault.delay(delay.duration('fixedDelay') as never, percent(delay))),
    fields.with('abort', (abort) =>
      abort.has('grpcStatus')
        ? Fault.abortGrpc(abort.text<GrpcStatus>('grpcStatus') as GrpcStatus, percent(abort))
        : Fault.abort(abort.number('httpStatus') ?? 0, percent(abort)),
    ),
  );
  if (!first) throw new Error('a fault without delay and abort is not supported');
  return second ? first.and(second) : first;
}

function tcpRoute(fields: Fields): TcpRoute {
  return { match: fields.each('match', tcpMatch), to: fields.list('route').map(destination) };
}

function tlsRoute(fields: Fields): TlsRoute {
  const match = fields
    .list('match')
    .map((one): TlsMatch => ({ ...tcpMatch(one), sniHosts: one.texts('sniHosts') ?? [] }));
  return { match, to: fields.list('route').map(destination) };
}

function tcpMatch(fields: Fields): TcpMatch {
  return {
    destinationSubnets: fields.texts('destinationSubnets'),
    port: fields.number('port'),
    sourceLabels: fields.map('sourceLabels'),
    sourceNamespace: fields.text('sourceNamespace'),
    gateways: fields.texts('gateways'),
  };
}
