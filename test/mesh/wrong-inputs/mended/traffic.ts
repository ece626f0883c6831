import { Duration } from 'cdk8s';
import { Destination, Fault, Match, Mirror, Origin } from 'istio-module';
import { policy, route } from '../wrong-input';
import type { MendedInputs } from './mended-input';

const GATEWAYS = ['edge/public'];
const ORIGINS = [Origin.exact('https://a.b')];
const to = [Destination.host()];
const setHeader = (name: string, value: string) => route({ headers: { request: { set: { [name]: value } } } });
const matched = (...match: readonly Match[]) => route({ match });
const written = (regex: string) => matched(Match.uri().regex(regex));

/** What is advised instead of the mistakes in where requests go. */
export const mendedTraffic: MendedInputs = {
  'a negative weight': [
    'write a whole number of at least 0',
    route({ to: [Destination.host({ weight: 1 }), Destination.otherHost('a', { weight: 1 })] }),
  ],
  'weights that make nothing': [
    'raise one of them',
    route({ to: [Destination.host({ weight: 0 }), Destination.otherHost('a', { weight: 100 })] }),
  ],
  'no destination': ['name at least one destination, such as Destination.host()', route({ to })],
  'no route': ['set routes, subsets or circuitBreaker', policy({ routes: [{ to }] })],
  'all hosts, in the mesh': [
    "set the prop gateways, without 'mesh', or write a host",
    policy({ host: undefined, hosts: ['*'], gateways: GATEWAYS, routes: [{ to: [Destination.otherHost('a')] }] }),
  ],
  'a host with a port': ['write the name of a Service or a domain name, without a port', policy({ hosts: ['a'] })],
  'a host with an empty part': [
    'write the name of a Service or a domain name, without a port',
    policy({ host: 'a.b' }),
  ],
  'the same host twice': ['leave out one of them', policy({ hosts: ['a.b'] })],
  'a host that another has': [
    'leave out one of them',
    policy({ hosts: ['*.b'], routes: [{ to: [Destination.otherHost('a')] }] }),
  ],
  'an address to go to': [
    'write the name of a Service or a domain name, without a port',
    route({ to: [Destination.otherHost('reviews')] }),
  ],
  'all hosts to go to': [
    'write the name of a Service, or a domain name',
    route({ to: [Destination.otherHost('reviews')] }),
  ],
  'a subset of another host that is no name': [
    'write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit',
    route({ to: [Destination.otherHost('a', { subset: 'v-1' })] }),
  ],
  'port 0': ['write a whole number from 1 to 65535', route({ to: [Destination.host({ port: 80 })] })],
  'a gateway in three parts': ['write NAME or NAMESPACE/NAME', policy({ gateways: ['a/b'] })],
  'a gateway that is a number': ['write NAME or NAMESPACE/NAME', policy({ gateways: ['shop/public'] })],
  'an invalid gateway in a match': [
    'write NAME or NAMESPACE/NAME',
    policy({ gateways: GATEWAYS, routes: [{ match: [Match.gateways('edge/public')], to }] }),
  ],
  'a claim, in the mesh': [
    "set the prop gateways, without 'mesh'",
    policy({ gateways: GATEWAYS, routes: [{ match: [Match.header('@request.auth.claims.sub').exact('a')], to }] }),
  ],
  'a claim without a name': [
    "write '@request.auth.claims.NAME' or '@request.auth.claims[NAME]'",
    policy({ gateways: GATEWAYS, routes: [{ match: [Match.headerPresent('@request.auth.claims.sub')], to }] }),
  ],
  'a header with a blank': ['write another', matched(Match.header('x-a').exact('a'))],
  'an empty prefix of a header': ['write one, or leave the condition out', matched(Match.header('a').prefix('b'))],
  'an empty prefix of a method': ['write one, or leave the condition out', matched(Match.method().prefix('G'))],
  'an empty expression': ['write one, or leave the condition out', written('.*')],
  'a glob': ['write it in RE2 syntax', written('.*\\.html')],
  'a reference back': ['write it in RE2 syntax', written('(a)a')],
  'a look ahead': ['write it without (?= (?! (?<= (?<!', written('a')],
  'a repetition of repetitions': ['write it in RE2 syntax', written('(a{500})')],
  'an invalid character class': ['write it in RE2 syntax', written('\\pL')],
  'a long expression': ['write at most 1024', written('a'.repeat(1024))],
  'port 70000 of a match': ['write a whole number from 1 to 65535', matched(Match.port(65_535))],
  'an invalid label of clients': [
    "write at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit",
    matched(Match.sourceLabels({ app: 'a-b' })),
  ],
  'an invalid namespace of clients': [
    'write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit',
    matched(Match.sourceNamespace('a-b')),
  ],
  'a redirect that forwards': ['leave out one of them', route({ redirect: { uri: '/' } })],
  'a redirect that answers': ['leave out one of them', route({ redirect: { uri: '/' } })],
  'an answer that goes wrong': ['leave out one of them', route({ directResponse: { status: 200 } })],
  'a redirect that rewrites': ['leave out one of them', route({ redirect: { uri: '/' } })],
  'a redirect to nowhere': ['set uri, authority, port or scheme', route({ redirect: { code: 301, uri: '/' } })],
  'a redirect to two paths': ['leave out one of them', route({ redirect: { uri: '/a' } })],
  'a prefix to rewrite where there is none': [
    'write Match.uri().prefix(…)',
    route({ match: [Match.uri().prefix('/a')], redirect: { prefixRewrite: '/b' } }),
  ],
  'a redirect with status 200': ['write one of 301, 302, 303, 307, 308', route({ redirect: { uri: '/', code: 301 } })],
  'a redirect to port 70000': ['write a whole number from 1 to 65535', route({ redirect: { port: 65_535 } })],
  'a rewrite of nothing': ['set uri, uriRegex or authority, or leave it out', route({ rewrite: { uri: '/' } })],
  'two rewrites of the path': ['leave out one of them', route({ rewrite: { uri: '/' } })],
  'a rewrite to nothing': [
    'write one, or leave it out',
    route({ rewrite: { uriRegex: { match: 'a', rewrite: '/' } } }),
  ],
  'a rewrite of half a group': [
    'write it in RE2 syntax',
    route({ rewrite: { uriRegex: { match: '(a)', rewrite: 'b' } } }),
  ],
  'a time for tries of which there are none': [
    "leave out 'perTryTimeout' and 'on', or allow attempts",
    route({ retries: { attempts: 0 } }),
  ],
  'less than no tries': ['write a whole number of at least 0', route({ retries: { attempts: 0 } })],
  'a try of half a millisecond': [
    'write at least Duration.millis(1), or leave it out',
    route({ retries: { attempts: 1, perTryTimeout: Duration.millis(1) } }),
  ],
  'no time': ['write at least Duration.millis(1), or leave it out', route({ timeout: Duration.millis(1) })],
  'a time too exact': ['write a whole number of milliseconds', route({ timeout: Duration.millis(1001) })],
  'a time too long': ['write at most Duration.days(106751)', route({ timeout: Duration.days(106_751) })],
  'status 99': ['write a whole number from 200 to 599', route({ fault: Fault.abort(503) })],
  'faults in 101 %': ['write 0, or a number from 0.0001 to 100', route({ fault: Fault.abort(503, { percent: 100 }) })],
  'hardly any fault': [
    'write 0, or a number from 0.0001 to 100',
    route({ fault: Fault.abort(503, { percent: 0.0001 }) }),
  ],
  'a delay of nothing': [
    'write at least Duration.millis(1), or leave it out',
    route({ fault: Fault.delay(Duration.millis(1)) }),
  ],
  'copies of 101 %': [
    'write 0, or a number from 0.0001 to 100',
    route({ mirror: Mirror.toHost('a', { percent: 100 }) }),
  ],
  'copies to all hosts': ['write the name of a Service, or a domain name', route({ mirror: Mirror.toHost('a') })],
  'a header without a name': ['write another', setHeader('a', 'a')],
  'a pseudo-header': ['write another', setHeader('x-path', 'a')],
  'the host taken off': ['write it there', setHeader('host', 'a')],
  'the host of a response': ['write it there', setHeader('Host', 'a')],
  'half a variable': ['write %% for a percent sign', setHeader('a', '100%%')],
  'an empty variable': ['write %% for a percent sign', setHeader('a', '%%A( )%%')],
  'a line break': ['leave it out', setHeader('a', 'a b')],
  'two hosts': ['name it in only one place', route({ rewrite: { authority: 'a' } })],
  'an empty origin': [
    'write an origin such as https://shop.example.com, or Origin.ANY',
    route({ cors: { allowOrigins: ORIGINS } }),
  ],
  'half an origin': ['write it in RE2 syntax', route({ cors: { allowOrigins: [Origin.regex('a')] } })],
  'a method in lower case': [
    'write it in upper case',
    route({ cors: { allowOrigins: ORIGINS, allowMethods: ['GET'] } }),
  ],
  'an invalid header of pages': ['write another', route({ cors: { allowOrigins: ORIGINS, allowHeaders: ['x-a'] } })],
  'an age in fractions': [
    'write a whole number of seconds',
    route({ cors: { allowOrigins: ORIGINS, maxAge: Duration.seconds(1) } }),
  ],
  'an answer of status 700': ['write a whole number from 200 to 599', route({ directResponse: { status: 599 } })],
  'an answer of a megabyte': ['let a workload answer instead', route({ to })],
};
