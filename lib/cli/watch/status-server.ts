import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RestartError, type WatchEvent } from '../../engine/index';
import type { ListenAddress } from './watch-flags';
import { WatchMetrics } from './watch-metrics';

/**
 * Serves the metrics, liveness and readiness of a watch. A watch is ready when its first run is complete, so that
 * whatever waits for its readiness continues only after the restarts. While a watch stands by, it is always ready,
 * because another process restarts workloads.
 */
export class StatusServer {
  /**
   * @param leads whether this process may restart workloads without waiting for a Lease, because it uses none
   * @throws RestartError `InvalidOption` if it cannot listen on the address
   */
  static async listen(address: ListenAddress, leads: boolean): Promise<StatusServer> {
    const metrics = new WatchMetrics(leads);
    const status = new StatusServer(metrics);
    status.server.listen(address);
    try {
      await once(status.server, 'listening');
    } catch (cause) {
      const { host = '', port } = address;
      throw new RestartError('InvalidOption', `Cannot listen on ${host}:${String(port)}: ${(cause as Error).message}`, {
        remedy: 'choose another address with --listen',
        cause,
      });
    }
    return status;
  }

  private readonly server: Server;
  private hasCompletedRun = false;
  private isStandingBy = false;

  private constructor(private readonly metrics: WatchMetrics) {
    this.server = createServer((request, response) => {
      this.answer(request.url ?? '', response).catch(() => response.destroy());
    });
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  readonly onEvent = (event: WatchEvent) => {
    this.hasCompletedRun ||= event.type === 'runEnded';
    this.isStandingBy = event.type === 'standingBy' || (this.isStandingBy && event.type !== 'leading');
    this.metrics.onEvent(event);
  };

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async answer(url: string, response: ServerResponse): Promise<void> {
    switch (url.replace(/\?.*/, '')) {
      case '/metrics':
        response.setHeader('content-type', this.metrics.contentType).end(await this.metrics.text());
        return;
      case '/healthz':
        response.end('ok\n');
        return;
      case '/readyz':
        if (this.hasCompletedRun || this.isStandingBy) {
          response.end('ok\n');
        } else {
          response.writeHead(503).end('the first run is not complete\n');
        }
        return;
      default:
        response.writeHead(404).end('Not found. Paths: /metrics, /healthz and /readyz.\n');
    }
  }
}
