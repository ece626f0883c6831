import { Duration } from 'cdk8s';
import {
  Destination,
  Fault,
  Gateway,
  HashKey,
  LoadBalancingAlgorithm,
  Match,
  Mirror,
  Origin,
  RetryOn,
  Routes,
  TrafficPolicy,
  type TrafficPolicyProps,
} from 'istio-module';
import type { Answer, Sending } from '../traffic-app';
import { shop, type TrafficMesh } from '../traffic-mesh';
import { promise, type TrafficPromise } from '../traffic-promise';

const subsets = { v1: { version: 'v1' }, v2: { version: 'v2' } };
const toV1 = { to: [Destination.subset('v1')] };

/** A path that no earlier request had. */
let paths = 0;
function freshPath(): string {
  return `/fresh-${String(++paths)}`;
}

function fromCaller(path = '/', sending: Sending = {}, host = 'echo') {
  return async (mesh: TrafficMesh): Promise<Answer[]> =>
    (await mesh.pod(shop, 'caller')).send(`http://${host}${path}`, sending);
}

function statuses(answers: readonly Answer[]): number[] {
  return answers.map(({ status }) => status);
}

function versions(answers: readonly Answer[]): (string | undefined)[] {
  return answers.map(({ app }) => app?.version);
}

/** A promise of a policy for the host `echo`. */
function policy<Seen>(
  title: string,
  props: Omit<TrafficPolicyProps, 'namespace' | 'host'> & { readonly host?: string },
  observe: TrafficPromise<Seen>['observe'],
  kept: TrafficPromise<Seen>['kept'],
) {
  return promise({
    title,
    objects: (chart) => {
      new TrafficPolicy(chart, 'echo', { namespace: shop, host: 'echo', ...props });
    },
    observe,
    kept,
  });
}

/** What routes do with requests. */
export const routing = [
  policy(
    'weights send a tenth of the requests to the canary',
    { subsets, routes: Routes.canary({ stable: 'v1', canary: 'v2', percent: 10 }) },
    async (mesh) => {
      const seen = versions(await fromCaller('/', { count: 200, concurrency: 8 })(mesh));
      return { v1: seen.filter((one) => one === 'v1').length, v2: seen.filter((one) => one === 'v2').length };
    },
    // So far from 20 that one run in a million is, and from the 100 of two pods with no weights.
    ({ v1, v2 }) => v1 + v2 === 200 && v2 >= 3 && v2 <= 45,
  ),
  policy(
    'a header decides which version answers',
    { subsets, routes: [{ match: [Match.header('x-try').exact('v2')], to: [Destination.subset('v2')] }, toV1] },
    async (mesh) => ({
      with: versions(await fromCaller('/', { count: 10, headers: { 'x-try': 'v2' } })(mesh)),
      without: versions(await fromCaller('/', { count: 10 })(mesh)),
    }),
    (seen) => seen.with.every((one) => one === 'v2') && seen.without.every((one) => one === 'v1'),
  ),
  policy('a fault aborts requests', { fault: Fault.abort(418) }, fromCaller('/', { count: 10 }), (answers) =>
    statuses(answers).every((status) => status === 418),
  ),
  policy(
    'a fault delays requests',
    { fault: Fault.delay(Duration.millis(700)) },
    fromCaller('/', { count: 3 }),
    (answers) => answers.every(({ status, millis }) => status === 200 && millis >= 700),
  ),
  policy(
    'retries reach an answer behind two failures',
    {
      subsets,
      routes: [{ ...toV1, retries: { attempts: 3, on: [RetryOn.SERVER_ERROR] } }],
    },
    (mesh) => fromCaller(`${freshPath()}?failures=2`)(mesh),
    (answers) => answers.every(({ status, app }) => status === 200 && app?.headers['x-envoy-attempt-count'] === '3'),
  ),
  policy(
    'a timeout ends requests that take longer',
    { routes: [{ to: [Destination.host()], timeout: Duration.millis(300) }] },
    fromCaller('/?delay=2s'),
    ([answer]) => answer?.status === 504 && answer.millis < 2000,
  ),
  policy(
    'a mirror gets copies, and clients get nothing of it',
    { subsets, routes: [{ ...toV1, mirror: Mirror.to('v2') }] },
    async (mesh) => {
      const path = freshPath();
      const answered = versions(await fromCaller(path, { count: 10 })(mesh));
      const [mirror] = await mesh.pods(shop, 'echo', 'v2');
      return { answered, mirrored: (await mirror?.received())?.paths[path] };
    },
    ({ answered, mirrored }) => answered.every((one) => one === 'v1') && (mirrored ?? 0) >= 9,
  ),
  policy(
    'a circuit breaker refuses what exceeds its connections and its queue',
    { circuitBreaker: { maxConnections: 1, maxPendingRequests: 1 } },
    fromCaller('/?delay=300ms', { count: 10, concurrency: 10 }),
    (answers) =>
      answers.some(({ status }) => status === 200) &&
      answers.some(({ status, headers }) => status === 503 && headers['x-envoy-overloaded'] === 'true'),
  ),
  policy(
    'a broken pod is ejected',
    {
      host: 'half-broken',
      circuitBreaker: { consecutive5xxErrors: 1, interval: Duration.seconds(1), maxEjectionPercent: 100 },
    },
    fromCaller('/', { count: 30 }, 'half-broken'),
    (answers) => statuses(answers).every((status) => status === 200),
  ),
  policy(
    'a hash of a header sends a user to the same pod',
    { loadBalancing: { algorithm: LoadBalancingAlgorithm.ringHash(HashKey.header('x-user')) } },
    async (mesh) => {
      const of = async (user: string) => {
        const answers = await fromCaller('/', { count: 10, headers: { 'x-user': user } })(mesh);
        return new Set(answers.map(({ app }) => app?.pod)).size;
      };
      return Promise.all(['ann', 'bob', 'cid', 'dee'].map(of));
    },
    (podsOfUsers) => podsOfUsers.every((pods) => pods === 1),
  ),
  policy(
    'headers are changed on the way there and back',
    {
      routes: [
        {
          to: [Destination.host()],
          headers: {
            request: { set: { 'x-set': 'by the route' }, remove: ['x-unwanted'] },
            response: { set: { 'x-answered': 'by the route' } },
          },
        },
      ],
    },
    async (mesh) => {
      const [answer] = await fromCaller('/', { headers: { 'x-unwanted': 'yes' } })(mesh);
      return {
        set: answer?.app?.headers['x-set'],
        removed: answer?.app !== undefined && answer.app.headers['x-unwanted'] === undefined,
        answered: answer?.headers['x-answered'],
      };
    },
    ({ set, removed, answered }) => set === 'by the route' && removed && answered === 'by the route',
  ),
  policy(
    'a rewrite changes the path that the application sees',
    {
      routes: [
        { match: [Match.uri().prefix('/old/')], to: [Destination.host()], rewrite: { uri: '/new/' } },
        { to: [Destination.host()] },
      ],
    },
    async (mesh) => (await fromCaller('/old/page')(mesh))[0]?.app?.path,
    (path) => path === '/new/page',
  ),
  policy(
    'a redirect sends clients elsewhere',
    {
      routes: [
        { match: [Match.uri().exact('/moved')], redirect: { uri: '/here', authority: 'shop.example.com', code: 302 } },
        { to: [Destination.host()] },
      ],
    },
    async (mesh) => (await fromCaller('/moved')(mesh)).map(({ status, headers }) => [status, headers.location])[0],
    (seen) => seen?.[0] === 302 && seen[1] === 'http://shop.example.com/here',
  ),
  policy(
    "a direct response is the proxy's own",
    { routes: [{ directResponse: { status: 451, body: 'not here' } }] },
    async (mesh) => (await fromCaller()(mesh)).map(({ status, body }) => ({ status, body }))[0],
    (seen) => seen?.status === 451 && seen.body === 'not here',
  ),
  policy(
    'preflights of allowed origins are answered',
    {
      routes: [
        {
          to: [Destination.host()],
          cors: { allowOrigins: [Origin.exact('https://shop.example.com')], allowMethods: ['GET'] },
        },
      ],
    },
    async (mesh) => {
      const preflight = async (origin: string) => {
        const headers = { origin, 'access-control-request-method': 'GET' };
        const [answer] = await fromCaller('/', { method: 'OPTIONS', headers })(mesh);
        return answer?.headers['access-control-allow-origin'];
      };
      return [await preflight('https://shop.example.com'), await preflight('https://elsewhere.example.com')];
    },
    ([allowed, other]) => allowed === 'https://shop.example.com' && other === undefined,
  ),
  promise({
    title: 'an ingress gateway lets in the hosts of its Gateway, and no others',
    objects: (chart) => {
      const gateway = new Gateway(chart, 'border', {
        namespace: 'istio-system',
        ingressGateway: { name: 'ingress' },
        servers: [{ port: 80, protocol: 'HTTP', hosts: ['shop.example.com'] }],
      });
      new TrafficPolicy(chart, 'www', {
        namespace: shop,
        host: 'echo',
        hosts: ['shop.example.com'],
        gateways: [gateway],
        routes: [{ to: [Destination.host()] }],
      });
    },
    observe: async (mesh) => {
      const outside = await mesh.pod('plain', 'stranger');
      const ask = async (host: string) =>
        (await outside.send('http://ingress.istio-system/', { headers: { host } }))[0];
      const answer = await ask('shop.example.com');
      return [answer?.status, answer?.app?.host, (await ask('elsewhere.example.com'))?.status];
    },
    kept: ([status, host, other]) => status === 200 && host === 'shop.example.com' && other === 404,
  }),
];
