import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { ControlPlane } from '../control-plane/control-plane';
import type { SimpleKubeconfig } from '../control-plane/kubeconfig';

/** A proxy to the API server that can be cut off, to simulate an outage of the network or of the whole cluster. */
export class CutOffProxy {
  static async to(controlPlane: ControlPlane): Promise<CutOffProxy> {
    const config = JSON.parse(readFileSync(controlPlane.kubeconfig, 'utf8')) as SimpleKubeconfig;
    const [target = ''] = config.clusters.map(({ cluster }) => cluster.server);
    const { hostname, port } = new URL(target);
    const sockets = new Set<Socket>();
    const server = createServer((incoming) => {
      const outgoing = connect(Number(port), hostname);
      for (const [from, to] of [
        [incoming, outgoing],
        [outgoing, incoming],
      ] as const) {
        sockets.add(from);
        from.on('error', () => to.destroy()).on('close', () => to.destroy());
        from.pipe(to);
      }
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const origin = `https://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    const clusters = config.clusters.map(({ name, cluster }) => ({ name, cluster: { ...cluster, server: origin } }));
    return new CutOffProxy(server, sockets, origin, JSON.stringify({ ...config, clusters }));
  }

  private constructor(
    private readonly server: Server,
    private readonly sockets: ReadonlySet<Socket>,
    /** Where it listens. */
    readonly origin: string,
    /** Content of a kubeconfig that leads to this proxy, with the administrator's rights. */
    readonly kubeconfig: string,
  ) {}

  /** From now on, nothing gets through, and nothing listens. */
  cut(): void {
    this.server.close();
    for (const socket of this.sockets) {
      socket.destroy();
    }
  }
}
