import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { get } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';

import type { ControlPlane } from './control-plane';
import { webhookPort } from './istiod-address';
import { olderIstio, olderIstioVersion } from './istio-versions';

export interface IstiodProcessOptions {
  /** Image of the Deployment's container, such as `docker.io/istio/pilot:1.31.1-distroless`. */
  readonly image: string;
  /** Address of the pods that the process serves for. */
  readonly address: string;
  readonly namespace: string;
  readonly deployment: string;
  readonly revision: string;
  /** Directory in which it runs. */
  readonly directory: string;
  /** Variables in addition to those that istiod needs on this machine. */
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Called when it ends by itself. */
  readonly onCrash: () => void;
}

interface Ports {
  readonly http: number;
  readonly grpc: number;
  readonly secureGrpc: number;
  readonly monitoring: number;
}

/** One process of istiod, of the version that its image names. */
export class IstiodProcess {
  static async start(controlPlane: ControlPlane, options: IstiodProcessOptions): Promise<IstiodProcess> {
    const program = await pilotDiscovery(controlPlane, options.image);
    return new IstiodProcess(controlPlane, program, await freePorts(), options);
  }

  readonly image: string;
  readonly address: string;

  private readonly child: ChildProcess;
  private serves = false;
  private over = false;

  private constructor(
    controlPlane: ControlPlane,
    program: string,
    private readonly ports: Ports,
    options: IstiodProcessOptions,
  ) {
    const { image, address, namespace, deployment, revision, directory, env, logFile, onCrash } = options;
    this.image = image;
    this.address = address;
    const local = (port: number) => `127.0.0.1:${String(port)}`;
    const log = openSync(logFile, 'a');
    mkdirSync(directory, { recursive: true });
    this.child = spawn(
      program,
      [
        ...['discovery', '--kubeconfig', controlPlane.kubeconfig],
        ...['--httpsAddr', `${address}:${String(webhookPort)}`, '--httpAddr', local(ports.http)],
        ...['--grpcAddr', local(ports.grpc), '--secureGRPCAddr', local(ports.secureGrpc)],
        ...['--monitoringAddr', local(ports.monitoring), '--ctrlz_port', '0'],
      ],
      {
        cwd: directory,
        env: {
          ...controlPlane.env(),
          ...env,
          POD_NAME: `${deployment}-local`,
          POD_NAMESPACE: namespace,
          REVISION: revision,
          CLUSTER_ID: 'Kubernetes',
          PILOT_CERT_PROVIDER: 'istiod',
          ISTIOD_CUSTOM_HOST: `localhost,${deployment}.${namespace}.svc`,
        },
        stdio: ['ignore', log, log],
        // A Ctrl-C that is meant for the caller must not reach istiod, which is stopped with the control plane.
        detached: true,
      },
    );
    closeSync(log);
    if (this.child.pid !== undefined) {
      controlPlane.recordProcess(`${deployment}-${namespace}-${String(this.child.pid)}`, this.child.pid);
    }
    const crashed = () => {
      if (!this.over) {
        this.over = true;
        onCrash();
      }
    };
    this.child.on('error', crashed);
    this.child.on('exit', crashed);
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Whether it was ready when it was last asked. */
  get ready(): boolean {
    return this.serves && !this.over;
  }

  /** Whether it ended, or was told to. */
  get ended(): boolean {
    return this.over;
  }

  /** Asks it whether it is ready. */
  async ask(): Promise<boolean> {
    this.serves = await new Promise<boolean>((resolve) => {
      get({ host: '127.0.0.1', port: this.ports.http, path: '/ready', timeout: 1_000 }, (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      })
        .on('timeout', () => {
          resolve(false);
        })
        .on('error', () => {
          resolve(false);
        });
    });
    return this.ready;
  }

  /** @param signal SIGTERM lets istiod give up its leases; with SIGKILL, it ends as if its node had failed */
  async end(signal: 'SIGTERM' | 'SIGKILL' = 'SIGKILL'): Promise<void> {
    this.over = true;
    const { child } = this;
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill(signal);
      await exited;
    }
  }

  /** Lets it outlive this process. */
  unref(): void {
    this.child.unref();
  }
}

async function pilotDiscovery(controlPlane: ControlPlane, image: string): Promise<string> {
  const minor = (version: string | undefined) => version?.split('.').slice(0, 2).join('.');
  const [, version] = /:(\d+\.\d+)\.\d+/.exec(image) ?? [];
  return minor(version) === minor(olderIstioVersion)
    ? (await olderIstio()).pilotDiscovery
    : controlPlane.programs.pilotDiscovery;
}

/** Ports that were free a moment ago, all different. */
async function freePorts(): Promise<Ports> {
  const servers = await Promise.all(
    Array.from(
      { length: 4 },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer();
          server.on('error', reject);
          server.listen(0, '127.0.0.1', () => {
            resolve(server);
          });
        }),
    ),
  );
  const [http = 0, grpc = 0, secureGrpc = 0, monitoring = 0] = servers.map(
    (server) => (server.address() as AddressInfo).port,
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return { http, grpc, secureGrpc, monitoring };
}
