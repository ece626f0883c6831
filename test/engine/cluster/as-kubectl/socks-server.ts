import net, { type Server, type Socket } from 'node:net';

/** A SOCKS5 proxy that resolves every name to this machine. */
export class SocksServer {
  readonly server: Server = net.createServer((client) => {
    void this.serve(client).catch(() => client.destroy());
  });

  /** @param arrived receives what a client requests */
  constructor(private readonly arrived: (asked: Readonly<Record<string, unknown>>) => void) {}

  private async serve(client: Socket): Promise<void> {
    client.on('error', () => undefined);
    const [, count = 0] = await read(client, 2);
    const methods = [...(await read(client, count))];
    const wantsLogin = methods.includes(2);
    client.write(Buffer.from([5, wantsLogin ? 2 : 0]));
    const login = wantsLogin ? await this.login(client) : undefined;
    const [, , , kind = 0] = await read(client, 4);
    const length = kind === 3 ? ((await read(client, 1))[0] ?? 0) : kind === 1 ? 4 : 16;
    const host = await read(client, length);
    const port = (await read(client, 2)).readUInt16BE();
    const asked = kind === 3 ? host.toString() : [...host].join('.');
    this.arrived({ proxy: 'socks5', asked: `${asked}:${String(port)}`, methods, login });
    const upstream = net.connect(port, '127.0.0.1', () => {
      client.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]));
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on('error', () => client.destroy());
  }

  private async login(client: Socket): Promise<string> {
    await read(client, 1);
    const field = async () => (await read(client, (await read(client, 1))[0] ?? 0)).toString();
    const login = `${await field()}:${await field()}`;
    client.write(Buffer.from([1, 0]));
    return login;
  }
}

function read(socket: Socket, length: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const take = () => {
      const bytes = socket.read(length) as Buffer | null;
      if (bytes) {
        socket.off('readable', take).off('end', reject);
        resolve(bytes);
      }
    };
    socket.on('readable', take).on('end', reject);
    take();
  });
}
