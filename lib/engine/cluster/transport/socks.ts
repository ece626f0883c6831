import { isIPv4, isIPv6, type Socket } from 'node:net';
import { portOf } from './port-of';

const VERSION = 5;
const NO_AUTHENTICATION = 0;
const USERNAME_PASSWORD = 2;
const CONNECT = 1;
const REFUSALS = [
  '',
  'general failure',
  'not allowed by its rules',
  'the network cannot be reached',
  'the host cannot be reached',
  'the connection was refused',
  'the connection took too long',
  'it does not support the command',
  'it does not support the type of address',
];

/**
 * Connects an open socket through a SOCKS5 proxy to a server, whose name the proxy resolves.
 *
 * @throws Error with the reason if the proxy does not connect
 * @see https://www.rfc-editor.org/rfc/rfc1928
 */
export async function connectBySocks(socket: Socket, proxy: URL, host: string, port: number): Promise<void> {
  const read = reader(socket);
  const hasLogin = proxy.username !== '' || proxy.password !== '';
  const methods = hasLogin ? [NO_AUTHENTICATION, USERNAME_PASSWORD] : [NO_AUTHENTICATION];
  socket.write(Buffer.from([VERSION, methods.length, ...methods]));
  const [version, method] = await read(2);
  if (version !== VERSION || method === undefined || !methods.includes(method)) {
    throw refused(
      proxy,
      version === VERSION ? 'it requires another authentication method' : 'it does not speak SOCKS5',
    );
  }
  if (method === USERNAME_PASSWORD) {
    const login = [proxy.username, proxy.password].map((text) => prefixed(decodeURIComponent(text)));
    socket.write(Buffer.concat([Buffer.from([1]), ...login]));
    const [, status] = await read(2);
    if (status !== 0) {
      throw refused(proxy, 'it does not accept the username and password');
    }
  }
  const ends = Buffer.alloc(2);
  ends.writeUInt16BE(port);
  socket.write(Buffer.concat([Buffer.from([VERSION, CONNECT, 0]), address(host), ends]));
  const [, reply = 1, , kind] = await read(4);
  if (reply !== 0) {
    throw refused(proxy, REFUSALS[reply] ?? `reply ${String(reply)}`);
  }
  // Skips the proxy's own address.
  const [length = 0] = kind === 3 ? await read(1) : [kind === 4 ? 16 : 4];
  await read(length + 2);
}

function address(host: string): Buffer {
  if (isIPv4(host)) {
    return Buffer.from([1, ...host.split('.').map(Number)]);
  }
  if (isIPv6(host)) {
    return Buffer.from([4, ...groups(host).flatMap((group) => [group >> 8, group & 0xff])]);
  }
  return Buffer.concat([Buffer.from([3]), prefixed(host)]);
}

/** @param host an IPv6 address from a URL, in its shortest form without dots */
function groups(host: string): number[] {
  const [head = [], tail = []] = host.split('::').map((half) => half.split(':').filter((group) => group !== ''));
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  return [...head, ...zeros, ...tail].map((group) => Number.parseInt(group, 16));
}

function prefixed(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length > 255) {
    throw new Error('a name, a username or a password is too long for a SOCKS5 proxy');
  }
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

/** Reads exactly this number of bytes. Later bytes belong to TLS. */
function reader(socket: Socket): (length: number) => Promise<Buffer> {
  return (length) =>
    new Promise((resolve, reject) => {
      const done = () => {
        socket.off('readable', take).off('end', cut).off('error', reject).off('close', cut);
      };
      const take = () => {
        const bytes = socket.read(length) as Buffer | null;
        if (bytes) {
          done();
          resolve(bytes);
        }
      };
      const cut = () => {
        done();
        reject(new Error('the SOCKS5 proxy closed the connection'));
      };
      socket.on('readable', take).on('end', cut).on('error', reject).on('close', cut);
      take();
    });
}

function refused(proxy: URL, why: string): Error {
  return new Error(`the SOCKS5 proxy ${proxy.hostname}:${String(portOf(proxy))} does not connect: ${why}`);
}
