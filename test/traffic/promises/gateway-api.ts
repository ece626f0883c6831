import { ApiObject, Duration, type Chart } from 'cdk8s';
import {
  Destination,
  GRPCRoute,
  HTTPRoute,
  KubernetesGateway,
  Match,
  Mirror,
  RouteParent,
  type HTTPRouteRule,
  type KubernetesGatewayProps,
} from 'istio-module';
import { stringify } from 'yaml';
import { realNodePlacement } from '../../control-plane/real-node/placement';
import { appService, servicePort, type Answer, type Sending } from '../traffic-app';
import { shop, type TrafficMesh } from '../traffic-mesh';
import { promise, type TrafficPromise } from '../traffic-promise';

const parents = [RouteParent.service('echo', { port: servicePort })];
const to = [Destination.host()];
const toV1 = Destination.otherHost('echo-v1');
const toV2 = Destination.otherHost('echo-v2');

let paths = 0;
/** A path that no earlier request had. */
const freshPath = (): string => `/gateway-api-${String(++paths)}`;

const ask = async (mesh: TrafficMesh, path = '/', sending: Sending = {}): Promise<Answer[]> =>
  (await mesh.pod(shop, 'caller')).send(`http://echo${path}`, sending);

/** The Gateway API knows no subsets: each version is a Service. */
function versions(chart: Chart): void {
  for (const version of ['v1', 'v2']) {
    new ApiObject(chart, version, appService(`echo-${version}`, shop, { app: 'echo', version }));
  }
}

/** A promise of an HTTPRoute for the requests that sidecars send to the host `echo`. */
function route<Seen>(
  title: string,
  rules: readonly HTTPRouteRule[],
  observe: TrafficPromise<Seen>['observe'],
  kept: TrafficPromise<Seen>['kept'],
) {
  return promise({
    title,
    given: versions,
    objects: (chart) => {
      new HTTPRoute(chart, 'echo', { namespace: shop, parents, rules });
    },
    observe,
    kept,
  });
}

/** A promise of a KubernetesGateway, at the host of whose Service a pod outside of the mesh asks. */
function border(title: string, host: string, props: Partial<KubernetesGatewayProps>, given?: (chart: Chart) => void) {
  return promise({
    title,
    given,
    objects: (chart) => {
      const gateway = new KubernetesGateway(chart, 'border', {
        namespace: shop,
        listeners: [
          {
            name: 'http',
            port: 80,
            protocol: 'HTTP',
            hostname: '*.example.com',
            allowedRoutes: { namespaces: 'All' },
          },
        ],
        ...props,
      });
      new HTTPRoute(chart, 'www', {
        namespace: shop,
        parents: [RouteParent.gateway(gateway)],
        hostnames: ['shop.example.com'],
        rules: [{ to: [Destination.otherHost('echo', { port: servicePort })] }],
      });
    },
    observe: async (mesh) => {
      const outside = await mesh.pod('plain', 'stranger');
      const statusOf = async (name: string) => (await outside.send(`http://${host}/`, { headers: { host: name } }))[0];
      const answer = await statusOf('shop.example.com');
      return [answer?.status, answer?.app?.host, (await statusOf('elsewhere.example.com'))?.status];
    },
    kept: ([status, name, other]) => status === 200 && name === 'shop.example.com' && other === 404,
  });
}

/** What routes and gateways of the Gateway API do with requests. */
export const gatewayApi = [
  route(
    'weights of an HTTPRoute send a tenth of the requests to the canary',
    [{ to: [Destination.otherHost('echo-v1', { weight: 9 }), Destination.otherHost('echo-v2', { weight: 1 })] }],
    async (mesh) => {
      const seen = (await ask(mesh, '/', { count: 200, concurrency: 8 })).map(({ app }) => app?.version);
      return { v1: seen.filter((one) => one === 'v1').length, v2: seen.filter((one) => one === 'v2').length };
    },
    ({ v1, v2 }) => v1 + v2 === 200 && v2 >= 3 && v2 <= 45,
  ),
  route(
    'the rule of an HTTPRoute that matches more exactly takes a request, whatever their order',
    [{ to: [toV1] }, { match: [Match.header('x-try').exact('v2')], to: [toV2] }],
    async (mesh) => {
      const of = async (sending: Sending) => (await ask(mesh, '/', sending)).map(({ app }) => app?.version);
      return { with: await of({ count: 10, headers: { 'x-try': 'v2' } }), without: await of({ count: 10 }) };
    },
    (seen) => seen.with.every((one) => one === 'v2') && seen.without.every((one) => one === 'v1'),
  ),
  route(
    'an HTTPRoute changes headers on the way there and back',
    [
      {
        to,
        headers: {
          request: { set: { 'x-set': 'by the route' }, remove: ['x-unwanted'] },
          response: { add: { 'x-answered': 'by the route' } },
        },
      },
    ],
    async (mesh) => {
      const [answer] = await ask(mesh, '/', { headers: { 'x-unwanted': 'yes' } });
      const { headers = {} } = answer?.app ?? {};
      return [headers['x-set'], headers['x-unwanted'], answer?.headers['x-answered']];
    },
    ([set, unwanted, answered]) => set === 'by the route' && unwanted === undefined && answered === 'by the route',
  ),
  route(
    'an HTTPRoute redirects',
    [
      {
        match: [Match.uri().exact('/moved')],
        redirect: { uri: '/here', authority: 'shop.example.com', scheme: 'https', code: 308 },
      },
      { to },
    ],
    async (mesh) => (await ask(mesh, '/moved')).map(({ status, headers }) => [status, headers.location])[0],
    (seen) => seen?.[0] === 308 && seen[1] === 'https://shop.example.com/here',
  ),
  route(
    'a prefix of an HTTPRoute is of whole segments, and a rewrite takes its place',
    [{ match: [Match.pathPrefix('/old')], to, rewrite: { prefixRewrite: '/new' } }, { to }],
    async (mesh) => [(await ask(mesh, '/old/page'))[0]?.app?.path, (await ask(mesh, '/older'))[0]?.app?.path],
    ([page, other]) => page === '/new/page' && other === '/older',
  ),
  route(
    'a timeout of an HTTPRoute ends requests that take longer',
    [{ to, timeout: Duration.millis(300) }],
    (mesh) => ask(mesh, '/?delay=2s'),
    ([answer]) => answer?.status === 504 && answer.millis < 2000,
  ),
  route(
    'a mirror of an HTTPRoute gets copies, and clients get nothing of it',
    [{ to: [toV1], mirror: Mirror.toHost('echo-v2') }],
    async (mesh) => {
      const path = freshPath();
      const answered = (await ask(mesh, path, { count: 10 })).map(({ app }) => app?.version);
      const [mirror] = await mesh.pods(shop, 'echo', 'v2');
      return { answered, mirrored: (await mirror?.received())?.paths[path] };
    },
    ({ answered, mirrored }) => answered.every((one) => one === 'v1') && (mirrored ?? 0) >= 9,
  ),
  promise({
    // A call is a POST to the path of its method, which is what the application gets here.
    title: 'a GRPCRoute sends the calls of one method elsewhere',
    given: versions,
    objects: (chart) => {
      new GRPCRoute(chart, 'echo', {
        namespace: shop,
        parents,
        rules: [
          { match: [Match.grpcMethod({ service: 'shop.v1.Cart', name: 'AddItem' })], to: [toV2] },
          { to: [toV1] },
        ],
      });
    },
    observe: async (mesh) => {
      const calls = async (method: string) =>
        (await ask(mesh, `/shop.v1.Cart/${method}`, { method: 'POST', count: 10 })).map(({ app }) => app?.version);
      return { add: await calls('AddItem'), list: await calls('ListItems') };
    },
    kept: ({ add, list }) => add.every((one) => one === 'v2') && list.every((one) => one === 'v1'),
  }),
  border(
    'a KubernetesGateway for the pods of an installed gateway lets in the hosts of its routes',
    'ingress.istio-system',
    {
      namespace: 'istio-system',
      service: 'ingress',
    },
  ),
  border(
    'istiod deploys the pods of a KubernetesGateway, which let in the hosts of its routes',
    `border-istio.${shop}`,
    {
      infrastructure: {
        annotations: { 'networking.istio.io/service-type': 'ClusterIP' },
        configMap: 'border-options',
      },
    },
    (chart) => {
      new ApiObject(chart, 'options', {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'border-options', namespace: shop },
        data: { deployment: stringify({ spec: { template: { spec: realNodePlacement } } }) },
      });
    },
  ),
];
