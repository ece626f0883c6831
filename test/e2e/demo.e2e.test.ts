import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ControlPlane } from '../control-plane/control-plane';
import { Istiod } from '../control-plane/istiod';
import { olderIstio } from '../control-plane/istio-versions';
import { KubeClient, type ObjectReference } from '../control-plane/kube-client';
import { commandLinesWith } from '../control-plane/process-tree';
import { HELP } from '../demo/command-line';
import { FIRST_VERSION, PROJECT, SECOND_VERSION } from '../demo/lifecycle';
import { NAMESPACES } from '../demo/on-existing-cluster';

/** What the user of a terminal sees. */
interface Shown {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

jest.setTimeout(20_000);

const running = new Set<ChildProcess>();

afterAll(() => {
  for (const child of running) {
    child.kill('SIGINT');
  }
});

/** @param isTime whether to send a Ctrl-C now, given what has been printed so far */
function run(
  program: string,
  args: readonly string[],
  env = process.env,
  isTime: (stdout: string) => Promise<boolean> = () => Promise.resolve(false),
): Promise<Shown> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: PROJECT, env, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    let [stdout, stderr] = ['', ''];
    const look = async () => {
      if (await isTime(stdout)) {
        child.kill('SIGINT');
      } else if (running.has(child)) {
        setTimeout(() => void look().catch(reject), 250);
      }
    };
    look().catch(reject);
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (exitCode) => {
      running.delete(child);
      resolve({ exitCode, stdout, stderr });
    });
  });
}

const npmStart = (...args: string[]) => run('npm', ['--silent', 'start', ...(args.length > 0 ? ['--', ...args] : [])]);
const main = ['--import', 'tsx', join('test', 'demo', 'main.ts')];

/** The table's rows without the times, which are not predictable. */
function table(stdout: string): string[] {
  const lines = stdout.split('\n');
  const start = lines.findIndex((line) => line.startsWith('step  '));
  return lines
    .slice(start, lines.indexOf('', start))
    .map((line) => line.replace(/ +\d+ s$/, '').replace(/ {2,}/g, '  '));
}

const THREE_ROWS: readonly unknown[] = [
  'step  Pulumi  restarted  warned  skipped  pods replaced  pods left alone  time',
  expect.stringMatching(/^[- ]+$/),
  expect.stringMatching(/^Istio 1\.30\.2 installed {2}\d+ created {2}5 {2}3 {2}1 {2}11 {2}7$/),
  expect.stringMatching(/^Istio 1\.31\.1, other resources {2}\d+ updated, \d+ unchanged {2}5 {2}3 {2}1 {2}11 {2}7$/),
  expect.stringMatching(/^nothing changed {2}\d+ unchanged {2}0 {2}- {2}- {2}0 {2}18$/),
];
const FOUR_ROWS: readonly unknown[] = [
  ...THREE_ROWS,
  expect.stringMatching(/^Istio removed {2}\d+ deleted {2}5 {2}- {2}- {2}11 {2}7$/),
];

function kubeconfigIn(stdout: string): string {
  return /export KUBECONFIG=(\S+)/.exec(stdout)?.[1] ?? '';
}

function expectNothingLeft(kubeconfig: string): void {
  const directory = dirname(kubeconfig);
  const state = join(PROJECT, '.pulumi-state');
  const name = /(istio-module-[0-9a-f]+)-\w+$/.exec(directory)?.[1] ?? 'no name';

  expect(existsSync(directory)).toBe(false);
  expect(commandLinesWith(directory)).toEqual([]);
  expect(readdirSync(state)).not.toContain(name);
  expect(commandLinesWith(join(state, name))).toEqual([]);
}

describe('the command line', () => {
  test('--help explains everything', async () => {
    expect(await run('node', [...main, '--help'])).toEqual({ exitCode: 0, stdout: HELP, stderr: '' });
  });

  test('an unknown option is refused in one sentence', async () => {
    expect(await run('node', [...main, '--kepe'])).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: '\n`--kepe` is not an option of npm start. See `npm start -- --help`.\n',
    });
  });
});

describe('on a control plane of its own', () => {
  test('npm start shows all steps, and leaves nothing behind', async () => {
    const { exitCode, stdout, stderr } = await npmStart();

    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(table(stdout)).toEqual(FOUR_ROWS);
    expect(stdout).toContain("Pulumi's warning: Job shop/migrate: 1 of 1 pod lacks the sidecar");
    expectNothingLeft(kubeconfigIn(stdout));
  }, 400_000);

  test('npm start -- --keep leaves Istio at work, and says how to stop it', async () => {
    const { exitCode, stdout, stderr } = await npmStart('--keep');
    const kubeconfig = kubeconfigIn(stdout);
    const stop = stdout.split('\n').find((line) => line.startsWith('test/control-plane/watchdog.sh')) ?? 'false';
    try {
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(table(stdout)).toEqual(THREE_ROWS);
      expect(await sidecarImage(kubeconfig)).toBe('docker.io/istio/proxyv2:1.31.1-distroless');
    } finally {
      expect((await run('sh', ['-c', stop])).exitCode).toBe(0);
    }
    expectNothingLeft(kubeconfig);
  }, 400_000);

  test('a Ctrl-C in the middle of pulumi up tears everything down', async () => {
    const { exitCode, stdout, stderr } = await run('node', main, process.env, async (shown) => {
      if (!shown.includes('pulumi up')) {
        return false;
      }
      const client = await KubeClient.connect(kubeconfigIn(shown));
      const found = await isThere(client, 'istio-system');
      client.close();
      return found;
    });

    expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: '' });
    expect(stdout).toContain('Interrupted: tearing everything down. Once more to end at once.\n');
    expectNothingLeft(kubeconfigIn(stdout));
  }, 200_000);
});

async function isThere(client: KubeClient, name: string): Promise<boolean> {
  return (await client.find({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })) !== undefined;
}

/** The image of the sidecar that a new pod of the shop would get: istiod is called, and nothing is stored. */
async function sidecarImage(kubeconfig: string): Promise<string | undefined> {
  const client = await KubeClient.connect(kubeconfig);
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'new', namespace: 'shop' },
    spec: { containers: [{ name: 'app', image: 'example.com/app:1' }] },
  };
  const { spec } = await client.raw<{ spec: Record<string, { name: string; image: string }[] | undefined> }>(
    'POST',
    '/api/v1/namespaces/shop/pods?dryRun=All',
    pod,
  );
  client.close();
  const all = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  return all.find(({ name }) => name === 'istio-proxy')?.image;
}

describe('on a cluster of the reader', () => {
  let controlPlane: ControlPlane;
  let istiod: Istiod;
  let client: KubeClient;
  let charts: string;
  let options: string[];

  beforeAll(async () => {
    controlPlane = await ControlPlane.start();
    istiod = await Istiod.follow(controlPlane, { namespace: NAMESPACES.system });
    client = await controlPlane.connect();
    charts = join(controlPlane.directory, 'charts');
    mkdirSync(charts);
    symlinkSync((await olderIstio()).charts, join(charts, FIRST_VERSION));
    symlinkSync(controlPlane.programs.istioCharts, join(charts, SECOND_VERSION));
    const values = join(controlPlane.directory, 'values.json');
    writeFileSync(values, JSON.stringify({ istiod: { podLabels: { 'demo.test/values': 'yes' } } }));
    options = [...['--context', controlPlane.context], ...['--charts', charts, '--values', values]];
  }, 600_000);

  afterAll(async () => {
    (client as KubeClient | undefined)?.close();
    await (istiod as Istiod | undefined)?.unfollow();
    await (controlPlane as ControlPlane | undefined)?.stop();
  }, 60_000);

  const start = (env = controlPlane.env(), isTime?: () => Promise<boolean>) =>
    run('node', [...main, ...options], env, isTime);

  /** Everything in the cluster that the demonstration could leave behind. */
  async function inventory(): Promise<unknown> {
    const kinds = [
      ['v1', 'Namespace'],
      ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'],
      ['admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration'],
      ['admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration'],
      ['rbac.authorization.k8s.io/v1', 'ClusterRole'],
      ['rbac.authorization.k8s.io/v1', 'ClusterRoleBinding'],
    ] as const;
    const lists = await Promise.all(kinds.map(([apiVersion, kind]) => client.list(apiVersion, kind)));
    return lists.flat().map(({ kind, metadata }) => `${kind} ${metadata.name} ${metadata.uid ?? ''}`);
  }

  test('refuses a context that does not exist', async () => {
    const { exitCode, stderr } = await run('node', [...main, '--context', 'nowhere'], controlPlane.env());

    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr:
        `\nThe kubeconfig ${controlPlane.kubeconfig} has no context nowhere; it has ${controlPlane.context}. ` +
        'Name one of them with --context, or another file with KUBECONFIG.\n',
    });
  });

  test('refuses a directory without the charts of both versions', async () => {
    const { exitCode, stderr } = await run(
      'node',
      [...main, '--context', controlPlane.context, '--charts', controlPlane.programs.istioCharts],
      controlPlane.env(),
    );

    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: expect.stringContaining(`holds no chart ${FIRST_VERSION}/base: copy the directory`) as string,
    });
  });

  test('refuses to go on without pulumi and helm', async () => {
    const { exitCode, stderr } = await start({ ...controlPlane.env(), PATH: dirname(process.execPath) });

    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr:
        '\nThere is no pulumi and no helm on your PATH; with --context the demonstration uses your own: install pulumi ' +
        'from https://www.pulumi.com/docs/iac/download-install/ and helm from https://helm.sh/docs/intro/install/.\n',
    });
  });

  test.each([
    [
      'Istio',
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'MutatingWebhookConfiguration',
        metadata: { name: 'another-istio' },
        webhooks: [
          {
            name: 'namespace.sidecar-injector.istio.io',
            clientConfig: { url: 'https://localhost:1/inject' },
            admissionReviewVersions: ['v1'],
            sideEffects: 'None',
            failurePolicy: 'Ignore',
          },
        ],
      } as ObjectReference,
      /^\nIstio is installed in the cluster of context \S+ already \(MutatingWebhookConfiguration another-istio\), and the demonstration would remove it at its end: choose a cluster without Istio\. Nothing was changed\.\n$/,
    ],
    [
      'a namespace of that name',
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACES.shop } },
      /^\nThe namespace istio-module-demo-shop, which the demonstration makes and deletes, is in the cluster of context \S+ already: .* Nothing was changed\.\n$/,
    ],
  ])(
    'refuses a cluster that has %s',
    async (_, object, message) => {
      await client.create(object);
      const before = await inventory();
      try {
        const { exitCode, stderr } = await start();

        expect(exitCode).toBe(1);
        expect(stderr).toMatch(message);
        expect(await inventory()).toEqual(before);
      } finally {
        await client.delete(object);
        await client.waitFor(object, (found) => found === undefined);
      }
    },
    60_000,
  );

  test('a Ctrl-C in the middle of pulumi up removes what was installed by then', async () => {
    const before = await inventory();

    const { exitCode, stderr, stdout } = await start(controlPlane.env(), () => isThere(client, NAMESPACES.system));

    expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: '' });
    expect(stdout).toContain('Istio and the namespaces are gone\n');
    expect(await inventory()).toEqual(before);
  }, 400_000);

  test('shows all steps, and leaves the cluster as it was', async () => {
    const before = await inventory();

    const { exitCode, stderr, stdout } = await start();

    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(table(stdout)).toEqual(FOUR_ROWS);
    expect(await inventory()).toEqual(before);
  }, 400_000);
});
