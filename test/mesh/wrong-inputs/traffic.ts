import { Duration } from 'cdk8s';
import { Destination, Fault, GrpcStatus, Match, Mirror, RetryOn } from 'istio-module';
import { http, policy, route, untyped, virtualService, wrong, type WrongInput } from './wrong-input';

const match = (one: object) => http({ match: [one] });
const abort = (fields: object) => http({ fault: { abort: { httpStatus: 503, percentage: { value: 1 }, ...fields } } });
const LONG = 'a'.repeat(1025);

/** Mistakes in where requests go. */
export const traffic: readonly WrongInput[] = [
  wrong(
    'a negative weight',
    http({ route: [{ destination: { host: 'reviews' }, weight: -1 }] }),
    route({ to: [Destination.host({ weight: -1 })] }),
    'weight -1 is out of range',
  ),
  wrong(
    'weights that make nothing',
    http({ route: [0, 0].map((weight) => ({ destination: { host: 'reviews' }, weight })) }),
    route({ to: [Destination.host({ weight: 0 }), Destination.host({ weight: 0 })] }),
    'has no weight above 0',
  ),
  wrong(
    'no destination',
    virtualService({ http: [{ match: [{ uri: { exact: '/' } }] }] }),
    route({ to: [] }),
    'to is empty',
  ),
  wrong('no route', virtualService({ http: [] }), policy({ routes: [] }), "is empty for host 'reviews'"),
  wrong(
    'all hosts, in the mesh',
    virtualService({ hosts: ['*'] }),
    policy({ hosts: ['*'] }),
    'is only supported at gateways',
  ),
  wrong('a host with a port', virtualService({ hosts: ['a:80'] }), policy({ hosts: ['a:80'] }), 'is not a host'),
  wrong('a host with an empty part', virtualService({ hosts: ['a..b'] }), policy({ host: 'a..b' }), 'is not a host'),
  wrong(
    'the same host twice',
    virtualService({ hosts: ['a.b', 'a.b'] }),
    policy({ hosts: ['a.b', 'a.b'] }),
    'which overlap',
  ),
  wrong(
    'a host that another has',
    virtualService({ hosts: ['*.b', 'a.b'] }),
    policy({ hosts: ['*.b', 'a.b'] }),
    'which overlap',
  ),
  wrong(
    'an address to go to',
    http({ route: [{ destination: { host: '1.2.3.4' } }] }),
    route({ to: [Destination.otherHost('1.2.3.4')] }),
    'is not a host',
  ),
  wrong(
    'all hosts to go to',
    http({ route: [{ destination: { host: '*' } }] }),
    route({ to: [Destination.otherHost('*')] }),
    'which is not a host',
  ),
  wrong(
    'a subset of another host that is no name',
    http({ route: [{ destination: { host: 'a', subset: 'v 1' } }] }),
    route({ to: [Destination.otherHost('a', { subset: 'v 1' })] }),
    'is not a valid name',
  ),
  wrong(
    'port 0',
    http({ route: [{ destination: { host: 'reviews', port: { number: 0 } } }] }),
    route({ to: [Destination.host({ port: 0 })] }),
    'is not a port',
  ),
  wrong(
    'a gateway in three parts',
    virtualService({ gateways: ['a/b/c'] }),
    policy({ gateways: ['a/b/c'] }),
    'is not a valid gateway name',
  ),
  wrong(
    'a gateway that is a number',
    virtualService({ gateways: ['1'] }),
    policy({ gateways: ['1'] }),
    'is not a valid gateway name',
  ),
  wrong(
    'an invalid gateway in a match',
    match({ gateways: ['A B'] }),
    route({ match: [Match.gateways('A B')] }),
    'is not a valid gateway name',
  ),
  wrong(
    'a claim, in the mesh',
    match({ headers: { '@request.auth.claims.sub': { exact: 'a' } } }),
    route({ match: [Match.header('@request.auth.claims.sub').exact('a')] }),
    'is only known at gateways',
  ),
  wrong(
    'a claim without a name',
    virtualService({
      gateways: ['a'],
      http: [{ match: [{ headers: { '@request.auth.claims': {} } }], redirect: { uri: '/' } }],
    }),
    policy({
      gateways: ['a'],
      routes: [{ match: [Match.headerPresent('@request.auth.claims')], redirect: { uri: '/' } }],
    }),
    'is not a valid reference to a claim',
  ),
  wrong(
    'a header with a blank',
    match({ headers: { 'x a': { exact: 'a' } } }),
    route({ match: [Match.header('x a').exact('a')] }),
    'is not a valid header name',
  ),
  wrong(
    'an empty prefix of a header',
    match({ headers: { a: { prefix: '' } } }),
    route({ match: [Match.header('a').prefix('')] }),
    'empty prefix',
  ),
  wrong(
    'an empty prefix of a method',
    match({ method: { prefix: '' } }),
    route({ match: [Match.method().prefix('')] }),
    'prefix',
  ),
  wrong('an empty expression', match({ uri: { regex: '' } }), route({ match: [Match.uri().regex('')] }), 'is an empty'),
  wrong('a glob', match({ uri: { regex: '*.html' } }), route({ match: [Match.uri().regex('*.html')] }), 'expression'),
  wrong(
    'a reference back',
    match({ uri: { regex: '(a)\\1' } }),
    route({ match: [Match.uri().regex('(a)\\1')] }),
    'invalid escape sequence',
  ),
  wrong(
    'a look ahead',
    match({ uri: { regex: '(?=a)' } }),
    route({ match: [Match.uri().regex('(?=a)')] }),
    'uses a lookaround',
  ),
  wrong(
    'a repetition of repetitions',
    match({ uri: { regex: '(a{500}){3}' } }),
    route({ match: [Match.uri().regex('(a{500}){3}')] }),
    'invalid repeat count',
  ),
  wrong(
    'an invalid character class',
    match({ uri: { regex: '\\p{a}' } }),
    route({ match: [Match.uri().regex('\\p{a}')] }),
    'class',
  ),
  wrong(
    'a long expression',
    match({ uri: { regex: LONG } }),
    route({ match: [Match.uri().regex(LONG)] }),
    '1025 bytes',
  ),
  wrong('port 70000 of a match', match({ port: 70_000 }), route({ match: [Match.port(70_000)] }), 'out of range'),
  wrong(
    'an invalid label of clients',
    match({ sourceLabels: { app: 'a b' } }),
    route({ match: [Match.sourceLabels({ app: 'a b' })] }),
    'is not a valid label',
  ),
  wrong(
    'an invalid namespace of clients',
    match({ sourceNamespace: 'a.b' }),
    route({ match: [Match.sourceNamespace('a.b')] }),
    'is not a valid name',
  ),
  untyped(
    'a redirect that forwards',
    virtualService({ http: [{ route: [{ destination: { host: 'reviews' } }], redirect: { uri: '/' } }] }),
    // @ts-expect-error: either of them
    policy({ routes: [{ to: [Destination.host()], redirect: { uri: '/' } }] }),
    'has both redirect and to',
  ),
  untyped(
    'a redirect that answers',
    http({ redirect: { uri: '/' }, directResponse: { status: 200 } }),
    // @ts-expect-error: either of them
    policy({ routes: [{ redirect: { uri: '/' }, directResponse: { status: 200 } }] }),
    'has both redirect and directResponse',
  ),
  untyped(
    'an answer that goes wrong',
    http({ directResponse: { status: 200 }, fault: { abort: { httpStatus: 503 } } }),
    // @ts-expect-error: the proxy's own answer cannot
    policy({ routes: [{ directResponse: { status: 200 }, fault: Fault.abort(503) }] }),
    'has both directResponse and fault',
  ),
  untyped(
    'a redirect that rewrites',
    http({ redirect: { uri: '/' }, rewrite: { uri: '/' } }),
    // @ts-expect-error: either of them
    policy({ routes: [{ redirect: { uri: '/' }, rewrite: { uri: '/' } }] }),
    'has both redirect and rewrite',
  ),
  wrong(
    'a redirect to nowhere',
    http({ redirect: { redirectCode: 301 } }),
    route({ redirect: { code: 301 } }),
    'nothing',
  ),
  untyped(
    'a redirect to two paths',
    http({ redirect: { uri: '/a', prefixRewrite: '/b' } }),
    // @ts-expect-error: either of them
    route({ redirect: { uri: '/a', prefixRewrite: '/b' } }),
    'leave out one of them',
  ),
  wrong(
    'a prefix to rewrite where there is none',
    http({ match: [{ uri: { exact: '/a' } }], redirect: { prefixRewrite: '/b' } }),
    route({ match: [Match.uri().exact('/a')], redirect: { prefixRewrite: '/b' } }),
    'needs a URI prefix in each match',
  ),
  untyped(
    'a redirect with status 200',
    http({ redirect: { uri: '/', redirectCode: 200 } }),
    // @ts-expect-error: one of the statuses of redirects
    route({ redirect: { uri: '/', code: 200 } }),
    'is not a redirect status',
  ),
  untyped(
    'a redirect to ftp',
    http({ redirect: { scheme: 'ftp' } }),
    // @ts-expect-error: http or https
    route({ redirect: { scheme: 'ftp' } }),
  ),
  wrong(
    'a redirect to port 70000',
    http({ redirect: { port: 70_000 } }),
    route({ redirect: { port: 70_000 } }),
    'range',
  ),
  wrong('a rewrite of nothing', http({ rewrite: {} }), route({ rewrite: {} }), 'changes nothing'),
  untyped(
    'two rewrites of the path',
    http({ rewrite: { uri: '/', uriRegexRewrite: { match: 'a', rewrite: 'b' } } }),
    // @ts-expect-error: either of them
    route({ rewrite: { uri: '/', uriRegex: { match: 'a', rewrite: 'b' } } }),
    'leave out one of them',
  ),
  wrong(
    'a rewrite to nothing',
    http({ rewrite: { uriRegexRewrite: { match: 'a', rewrite: '' } } }),
    route({ rewrite: { uriRegex: { match: 'a', rewrite: '' } } }),
    'uriRegex.rewrite is empty',
  ),
  wrong(
    'a rewrite of half a group',
    http({ rewrite: { uriRegexRewrite: { match: '(a', rewrite: 'b' } } }),
    route({ rewrite: { uriRegex: { match: '(a', rewrite: 'b' } } }),
    'is not a valid regular expression',
  ),
  wrong(
    'a time for tries of which there are none',
    http({ retries: { attempts: 0, perTryTimeout: '1s' } }),
    route({ retries: { attempts: 0, perTryTimeout: Duration.seconds(1) } }),
    'disables retries',
  ),
  wrong(
    'less than no tries',
    http({ retries: { attempts: -1 } }),
    route({ retries: { attempts: -1 } }),
    'out of range',
  ),
  untyped(
    'an invalid condition of retries',
    http({ retries: { attempts: 1, retryOn: '503s' } }),
    // @ts-expect-error: one of the conditions
    route({ retries: { attempts: 1, on: [RetryOn.SERVER_ERRORS] } }),
  ),
  wrong(
    'a try of half a millisecond',
    http({ retries: { attempts: 1, perTryTimeout: '0.0005s' } }),
    route({ retries: { attempts: 1, perTryTimeout: Duration.millis(0.5) } }),
    'is too short',
  ),
  wrong('no time', http({ timeout: '0s' }), route({ timeout: Duration.seconds(0) }), 'is too short'),
  wrong(
    'a time too exact',
    http({ timeout: '1.0005s' }),
    route({ timeout: Duration.seconds(1.0005) }),
    'is too precise',
  ),
  wrong('a time too long', http({ timeout: '9223372800s' }), route({ timeout: Duration.days(106_752) }), 'is too long'),
  wrong('status 99', abort({ httpStatus: 99 }), route({ fault: Fault.abort(99) }), 'out of range'),
  wrong(
    'faults in 101 %',
    abort({ percentage: { value: 101 } }),
    route({ fault: Fault.abort(503, { percent: 101 }) }),
    'range',
  ),
  wrong(
    'hardly any fault',
    abort({ percentage: { value: 1e-5 } }),
    route({ fault: Fault.abort(503, { percent: 1e-5 }) }),
    '0.0001',
  ),
  wrong(
    'a delay of nothing',
    http({ fault: { delay: { fixedDelay: '0s' } } }),
    route({ fault: Fault.delay(Duration.seconds(0)) }),
    'is too short',
  ),
  untyped(
    'an invalid gRPC status',
    http({ fault: { abort: { grpcStatus: 'BROKEN' } } }),
    // @ts-expect-error: one of the statuses
    route({ fault: Fault.abortGrpc(GrpcStatus.BROKEN) }),
  ),
  untyped(
    'a fault that does nothing',
    http({ fault: {} }),
    // @ts-expect-error: a delay or an abort
    route({ fault: {} }),
  ),
  wrong(
    'copies of 101 %',
    http({ mirrors: [{ destination: { host: 'a' }, percentage: { value: 101 } }] }),
    route({ mirror: Mirror.toHost('a', { percent: 101 }) }),
    'out of range',
  ),
  wrong(
    'copies to all hosts',
    http({ mirrors: [{ destination: { host: '*' } }] }),
    route({ mirror: Mirror.toHost('*') }),
    'which is not a host',
  ),
  wrong(
    'an answer of status 700',
    http({ directResponse: { status: 700 } }),
    route({ directResponse: { status: 700 } }),
    'range',
  ),
  wrong(
    'an answer of a megabyte',
    http({ directResponse: { status: 200, body: { string: 'a'.repeat(1_100_000) } } }),
    route({ directResponse: { status: 200, body: 'a'.repeat(1_100_000) } }),
    'has 1100000 bytes',
  ),
];
