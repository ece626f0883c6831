import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { configOf, type Row } from './row';
import type { Arrival, World } from './world';

/** What one program did. */
export interface Observation {
  readonly succeeded: boolean;
  /** What arrived, without duplicates: the engine repeats requests that fail. */
  readonly arrivals: readonly Arrival[];
  /** What plugins received, in turn. */
  readonly told: readonly unknown[];
  /** What it reports to its caller. */
  readonly said: string;
}

const MODULES = join(__dirname, '..', '..', '..', '..', 'dist', 'lib', 'engine', 'cluster', 'api.js');
const ENGINE = `
const [modules, options] = process.argv.slice(1);
const { KubernetesApi } = require(modules);
(async () => {
  const api = await KubernetesApi.open({ requestTimeoutSeconds: 5, ...JSON.parse(options) });
  await api.get('/version').finally(() => api.close());
})().catch((error) => { console.error(error); process.exit(1); });
`;

/** Has the engine request the version of the API server. */
export function observeEngine(world: World, row: Row): Promise<Observation> {
  const { kubeconfig, context } = row;
  return observe(world, row, [process.execPath, '-e', ENGINE, MODULES, JSON.stringify({ kubeconfig, context })]);
}

/** Has kubectl request the same. */
export function observeKubectl(world: World, row: Row, program: string): Promise<Observation> {
  const flags = [
    ...(row.kubeconfig === undefined ? [] : ['--kubeconfig', row.kubeconfig]),
    ...(row.context === undefined ? [] : ['--context', row.context]),
    // With this flag, kubectl would not use the pod's service account, because the flag counts as a setting of a
    // cluster.
    ...(row.inPod ? [] : ['--request-timeout=5s']),
  ];
  return observe(world, row, [program, 'get', '--raw', '/version', ...flags]);
}

async function observe(world: World, row: Row, command: readonly string[]): Promise<Observation> {
  const folder = join(tmpdir(), 'istio-module-as-kubectl');
  const own = mkdtempSync(`${folder}-`);
  try {
    writeFiles(world, row, own);
    world.arrivals = [];
    world.answers = [...(row.answers ?? [])];
    const env = {
      HOME: join(own, 'home'),
      PATH: process.env.PATH ?? '',
      KUBECONFIG: 'conf/config',
      FOLDER: own,
      ...row.env?.(world, own),
    };
    const [program = '', ...args] = row.inPod ? inPod(world, own, command) : command;
    const { failed, stderr } = await new Promise<{ failed: boolean; stderr: string }>((resolve) => {
      const child = execFile(program, args, { cwd: own, env, timeout: 30_000 }, (error, _, text) => {
        resolve({ failed: error !== null, stderr: text });
      });
      child.stdin?.end();
    });
    return {
      succeeded: !failed,
      arrivals: unique(world.arrivals),
      told: toldIn(own),
      said: stderr.replaceAll(own, 'FOLDER'),
    };
  } finally {
    rmSync(own, { recursive: true });
  }
}

function writeFiles(world: World, row: Row, folder: string): void {
  const cluster = row.cluster?.(world) ?? world.trusted();
  const user = row.user?.(world) ?? { token: 'a-token' };
  const files = { 'conf/config': configOf(cluster, user), ...row.files?.(world) };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
    if (path.endsWith('plug')) {
      chmodSync(join(folder, path), 0o755);
    }
  }
}

/** Runs the command with the files of a pod in place, in a mount namespace that ends with the command. */
function inPod(world: World, folder: string, command: readonly string[]): readonly string[] {
  const account = join(folder, 'account');
  mkdirSync(account);
  writeFileSync(join(account, 'token'), 'pod-token\n');
  writeFileSync(join(account, 'ca.crt'), world.authority.cert);
  writeFileSync(join(folder, 'hosts'), '127.0.0.1 api.example\n');
  const script = `set -e
mount --bind hosts /etc/hosts
mount -t tmpfs none "$(readlink -f /var/run)"
mkdir -p /var/run/secrets/kubernetes.io
cp -r account /var/run/secrets/kubernetes.io/serviceaccount
exec "$@"`;
  return ['unshare', '--map-root-user', '--mount', 'sh', '-c', script, 'sh', ...command];
}

function unique(arrivals: readonly Arrival[]): readonly Arrival[] {
  return [...new Set(arrivals.map((one) => JSON.stringify(one)))].map((one) => JSON.parse(one) as Arrival);
}

function toldIn(folder: string): readonly unknown[] {
  const file = join(folder, 'told');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').replaceAll(folder, 'FOLDER').split('\n') : [];
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as unknown);
}
