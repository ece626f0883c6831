import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

/**
 * A Helm repository and an OCI registry on loopback, in a process of its own, because rendering a chart blocks this
 * process.
 */
export interface ChartServer {
  /** `127.0.0.1:PORT`. */
  readonly address: string;
  stop(): Promise<void>;
}

/**
 * Builds and starts the program in chart-server/, whose registry is that of go-containerregistry.
 *
 * @param directory folder into which the program is built
 * @param packages the packages and the index of the Helm repository
 */
export async function startChartServer(directory: string, packages: string): Promise<ChartServer> {
  const program = join(directory, 'chart-server');
  await promisify(execFile)('go', ['build', '-trimpath', '-o', program, '.'], {
    cwd: join(__dirname, 'chart-server'),
    env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly', GOWORK: 'off' },
  });
  const server = spawn(program, [packages], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [address] = (await once(createInterface(server.stdout), 'line')) as [string];
  return {
    address,
    stop: async () => {
      server.stdin.end();
      await once(server, 'close');
    },
  };
}
