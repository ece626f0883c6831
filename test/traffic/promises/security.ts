import {
  AuthorizationAction,
  AuthorizationPolicy,
  Condition,
  JwtAuthentication,
  MutualTls,
  PeerAuthentication,
  Requests,
  StrictPeerAuthentication,
} from 'istio-module';
import { plain, authorizer, shop, type TrafficMesh } from '../traffic-mesh';
import { promise } from '../traffic-promise';
import { secondPort } from '../traffic-app';
import { issuer, keys, token } from './tokens';

const echo = { namespace: shop, workload: { app: 'echo' } };

async function status(
  mesh: TrafficMesh,
  from: 'caller' | 'other' | 'stranger',
  url = 'http://echo.shop/',
  headers: Readonly<Record<string, string>> = {},
): Promise<number | undefined> {
  const pod = await mesh.pod(from === 'stranger' ? plain : shop, from);
  return (await pod.send(url, { headers }))[0]?.status;
}

/** Which requests of `caller` in the mesh and of `stranger` without a sidecar are let in; 0 is a reset connection. */
export const security = [
  promise(
    {
      title: 'STRICT refuses plain text from a pod without sidecar, and lets in those of the mesh',
      objects: (chart) => {
        new StrictPeerAuthentication(chart, 'default', { rootNamespace: 'istio-system' });
      },
      observe: async (mesh) => [await status(mesh, 'caller'), await status(mesh, 'stranger')],
      kept: ([caller, stranger]) => caller === 200 && stranger === 0,
    },
    true,
  ),
  promise({
    title: 'PERMISSIVE for a workload takes plain text in a mesh that is STRICT',
    objects: (chart) => {
      new PeerAuthentication(chart, 'echo', { ...echo, mode: MutualTls.PERMISSIVE });
    },
    observe: async (mesh) => [await status(mesh, 'caller'), await status(mesh, 'stranger')],
    kept: ([caller, stranger]) => caller === 200 && stranger === 200,
  }),
  promise({
    title: 'a mode for one port takes plain text there, and at no other',
    objects: (chart) => {
      new StrictPeerAuthentication(chart, 'echo', { ...echo, ports: { [secondPort]: MutualTls.PERMISSIVE } });
    },
    observe: async (mesh) => [
      await status(mesh, 'stranger', `http://echo.shop:${String(secondPort)}/`),
      await status(mesh, 'stranger'),
    ],
    kept: ([open, closed]) => open === 200 && closed === 0,
  }),
  promise({
    title: "a token is required: a good one passes; another issuer's, a forged one and none do not",
    objects: (chart) => {
      new JwtAuthentication(chart, 'jwt', { ...echo, jwtRules: [{ issuer, jwks: keys }] });
    },
    observe: async (mesh) => {
      const bearing = (text: string) => status(mesh, 'caller', 'http://echo/', { authorization: `Bearer ${text}` });
      return [
        await bearing(token()),
        await bearing(token({ iss: 'https://elsewhere.example.com' })),
        await bearing(token({}, 'forged')),
        await status(mesh, 'caller'),
      ];
    },
    kept: (seen) => seen.join() === '200,401,401,403',
  }),
  promise({
    title: 'claims of a token decide who is let in',
    objects: (chart) => {
      new JwtAuthentication(chart, 'jwt', { ...echo, jwtRules: [{ issuer, jwks: keys }] });
      new AuthorizationPolicy(chart, 'admins', {
        ...echo,
        rules: [{ when: [Condition.claim('group').values('admin')] }],
      });
    },
    observe: async (mesh) => {
      const of = (group: string) =>
        status(mesh, 'caller', 'http://echo/', { authorization: `Bearer ${token({ group })}` });
      return [await of('admin'), await of('guest')];
    },
    kept: (seen) => seen.join() === '200,403',
  }),
  promise({
    title: 'an authorization policy lets in one service account, method and path',
    objects: (chart) => {
      new AuthorizationPolicy(chart, 'callers', {
        ...echo,
        rules: [{ from: [{ serviceAccounts: ['shop/caller'] }], to: [{ methods: ['GET'], paths: ['/open*'] }] }],
      });
    },
    observe: async (mesh) => [
      await status(mesh, 'caller', 'http://echo/open'),
      await status(mesh, 'caller', 'http://echo/closed'),
      await status(mesh, 'other', 'http://echo/open'),
    ],
    kept: (seen) => seen.join() === '200,403,403',
  }),
  promise({
    title: 'DENY refuses a path whatever else is allowed',
    objects: (chart) => {
      new AuthorizationPolicy(chart, 'all', { ...echo, rules: Requests.ALL });
      new AuthorizationPolicy(chart, 'no-admin', {
        ...echo,
        action: AuthorizationAction.DENY,
        rules: [{ to: [{ paths: ['/admin*'] }] }],
      });
    },
    observe: async (mesh) => [await status(mesh, 'caller', 'http://echo/admin'), await status(mesh, 'caller')],
    kept: (seen) => seen.join() === '403,200',
  }),
  promise({
    title: 'a policy that lets in nothing refuses all',
    objects: (chart) => {
      new AuthorizationPolicy(chart, 'nothing', { namespace: shop, rules: Requests.NONE });
    },
    observe: (mesh) => status(mesh, 'caller'),
    kept: (seen) => seen === 403,
  }),
  promise({
    title: 'an external authorizer decides, and its headers reach the application',
    objects: (chart) => {
      new AuthorizationPolicy(chart, 'ask', {
        ...echo,
        action: AuthorizationAction.custom(authorizer.providerName),
        rules: Requests.ALL,
      });
    },
    observe: async (mesh) => {
      const caller = await mesh.pod(shop, 'caller');
      const [passed] = await caller.send('http://echo/', { headers: { 'x-pass': 'yes' } });
      return [passed?.status, passed?.app?.headers['x-authorized-by'], await status(mesh, 'caller')];
    },
    kept: (seen) => seen.join() === '200,traffic-app,403',
  }),
];
