import type { Row } from './row';
import type { World } from './world';

const NAME = 'api.example';
const proxy = (world: World, kind: 'httpProxy' | 'httpsProxy' | 'socks' | 'refusingProxy', login = '') => {
  const scheme = kind === 'socks' ? 'socks5' : kind === 'httpsProxy' ? 'https' : 'http';
  return `${scheme}://${login}127.0.0.1:${world.port(world[kind])}`;
};
const http = (world: World) => proxy(world, 'httpProxy');
const socks = (world: World) => proxy(world, 'socks');
const named = (world: World) => world.trusted(NAME);
const namedPlain = (world: World) => ({ server: world.plainUrl(NAME) });
const through = (
  url: (world: World) => string,
  fields: (world: World) => object = named,
): NonNullable<Row['cluster']> => {
  return (world) => ({ ...fields(world), 'proxy-url': url(world) });
};
const UNKNOWN = { engine: /cannot be reached/, kubectl: /no such host|server misbehaving|dial tcp|Unable to connect/ };

/** Which proxy is used, and which requests it gets. Outside pods, only proxies can resolve the server's name. */
export const PROXY_ROWS: readonly Row[] = [
  { name: 'proxy-url', cluster: through(http) },
  { name: 'proxy-url for an address of this machine', cluster: through(http, (world) => world.trusted()) },
  { name: 'proxy-url with a login', cluster: through((world) => proxy(world, 'httpProxy', 'me:p%20w@')) },
  { name: 'proxy-url for a server without TLS, which the proxy asks itself', cluster: through(http, namedPlain) },
  {
    name: 'proxy-url with a login, for a server without TLS',
    cluster: through((world) => proxy(world, 'httpProxy', 'me:p%20w@'), namedPlain),
  },
  { name: 'proxy-url with TLS', cluster: through((world) => proxy(world, 'httpsProxy')) },
  {
    name: 'proxy-url with TLS that is not trusted',
    cluster: (world) => ({ ...through((one) => proxy(one, 'httpsProxy'))(world), 'certificate-authority-data': '' }),
    refused: { engine: /the proxy 127\.0\.0\.1:\d+ cannot be reached/, kubectl: /x509/ },
  },
  { name: 'socks5, which looks the name up itself', cluster: through(socks) },
  { name: 'socks5 for an address', cluster: through(socks, (world) => world.trusted()) },
  { name: 'socks5 with a login', cluster: through((world) => proxy(world, 'socks', 'me:p%20w@')) },
  { name: 'socks5 for a server without TLS', cluster: through(socks, namedPlain) },
  {
    name: 'tls-server-name through a proxy',
    cluster: (world) => ({ ...through(http)(world), 'tls-server-name': 'other.example' }),
  },
  {
    name: 'a proxy that refuses',
    cluster: through((world) => proxy(world, 'refusingProxy')),
    refused: { engine: /refuses to connect: HTTP status 407/, kubectl: /Proxy Authentication Required/ },
  },
  {
    name: 'a proxy-url of another scheme',
    cluster: through(() => 'ftp://127.0.0.1:21'),
    refused: { engine: /proxy-url is not the URL of a proxy/, kubectl: /unsupported scheme "ftp"/ },
  },
  { name: 'HTTPS_PROXY', cluster: named, env: (world) => ({ HTTPS_PROXY: http(world) }) },
  { name: 'https_proxy', cluster: named, env: (world) => ({ https_proxy: http(world) }) },
  {
    name: 'HTTPS_PROXY before https_proxy',
    cluster: named,
    env: (world) => ({ HTTPS_PROXY: socks(world), https_proxy: http(world) }),
  },
  {
    name: 'HTTPS_PROXY without a scheme',
    cluster: named,
    env: (world) => ({ HTTPS_PROXY: http(world).replace('http://', '') }),
  },
  { name: 'HTTPS_PROXY that is socks5', cluster: named, env: (world) => ({ HTTPS_PROXY: socks(world) }) },
  {
    name: 'HTTP_PROXY for a server without TLS',
    cluster: namedPlain,
    env: (world) => ({ HTTP_PROXY: http(world), HTTPS_PROXY: socks(world) }),
  },
  {
    name: 'HTTP_PROXY, which is not for a server with TLS',
    inPod: true,
    cluster: named,
    env: (world) => ({ HTTP_PROXY: http(world) }),
  },
  {
    name: 'proxy-url before HTTPS_PROXY and NO_PROXY',
    cluster: through(socks),
    env: (world) => ({ HTTPS_PROXY: http(world), NO_PROXY: '*' }),
  },
  { name: 'HTTPS_PROXY for an address of this machine', env: (world) => ({ HTTPS_PROXY: http(world) }) },
  ...[NAME, 'EXAMPLE', '.example', '*.example', 'x, api.example ', '*'].map((list): Row => ({
    name: `NO_PROXY=${list}, which the server is in`,
    inPod: true,
    cluster: named,
    env: (world) => ({ HTTPS_PROXY: http(world), NO_PROXY: list }),
  })),
  ...['other.example', 'pi.example', '.api.example', 'api.example:1', '*.*', '127.0.0.1'].map((list): Row => ({
    name: `NO_PROXY=${list}, which the server is not in`,
    inPod: true,
    cluster: named,
    env: (world) => ({ HTTPS_PROXY: http(world), NO_PROXY: list }),
  })),
  {
    name: "NO_PROXY with the server's port",
    inPod: true,
    cluster: named,
    env: (world) => ({ HTTPS_PROXY: http(world), no_proxy: `${NAME}:${world.port(world.secure)}` }),
  },
  ...['192.0.2.0/24', '192.0.2.7'].map((list): Row => ({
    name: `NO_PROXY=${list}, which the server's address is in`,
    cluster: (world) => ({ ...named(world), server: 'https://192.0.2.7:9' }),
    env: (world) => ({ HTTPS_PROXY: http(world), NO_PROXY: list, GODEBUG: '' }),
    refused: UNKNOWN,
  })),
  ...['192.0.3.0/24', '192.0.2.7:9999', '192.0.2.7/x'].map((list): Row => ({
    name: `NO_PROXY=${list}, which the server's address is not in`,
    cluster: (world) => ({ server: `https://192.0.2.7:${world.port(world.secure)}`, ...trustedAsNamed(world) }),
    env: (world) => ({ HTTPS_PROXY: http(world), NO_PROXY: list }),
  })),
];

function trustedAsNamed(world: World): object {
  const { 'certificate-authority-data': authority } = world.trusted();
  return { 'certificate-authority-data': authority, 'tls-server-name': NAME };
}
