import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { IstioCharts, Ordering } from 'istio-module';
import { parseAllDocuments } from 'yaml';
import { BIN, runCli } from '../../cli/run-cli';
import { deploymentAvailable } from '../../control-plane/deployment-available';
import { serviceAccountIn, type KubeClient, type KubeObject } from '../../control-plane/kube-client';
import { viewWorkloads } from '../../demo/workload-views';
import { codeBlocks } from '../../docs/code-blocks';
import { PROJECT } from '../../docs/documents';
import { MeshCluster } from '../../e2e/mesh-cluster';
import { smallDeployment } from '../../e2e/small-deployment';
import { kubectl } from '../../engine/cluster/as-kubectl/kubectl';
import type { Manifest } from '../synthesis';
import { firstApp } from './first-app';
import { SimulatedArgoCd } from './simulated-argo-cd';
import { SimulatedFlux, type Kustomization } from './simulated-flux';

const run = promisify(execFile);
const MINUTES = 60_000;
const EXISTING = ['cart', 'db'];
const SHOP = ['cart', 'db', 'payments'];

/**
 * One way after the other in the same cluster: each test installs into a cluster without Istio in which workloads
 * already run, applies everything again, and uninstalls. The controllers of Argo CD and Flux, and the container of the
 * Job that restarts, are stand-ins; the API server, istiod with its webhooks, kubectl, helm and the command line are
 * real.
 */
describe('a first installation', () => {
  let home: string;
  let cluster: MeshCluster;
  let client: KubeClient;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'first-install-'));
    cluster = await MeshCluster.start({ seed: false });
    ({ client } = cluster);
    const bin = join(home, 'bin');
    mkdirSync(bin);
    // The package is not installed here: `npx istio-module` is the built command line.
    writeFileSync(join(bin, 'npx'), `#!/bin/sh\nshift\nexec '${process.execPath}' '${BIN}' "$@"\n`, { mode: 0o755 });
    writeFileSync(join(bin, 'kubectl'), `#!/bin/sh\nexec '${await kubectl()}' "$@"\n`, { mode: 0o755 });
    env = {
      ...cluster.controlPlane.env(),
      PATH: [bin, dirname(process.execPath), process.env.PATH].join(delimiter),
    };
    await client.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    await serviceAccountIn(client, 'shop');
    for (const name of EXISTING) await client.apply(smallDeployment(name, 'shop'));
    for (const name of EXISTING) await deploymentAvailable(client, 'shop', name);
  }, 30 * MINUTES);

  afterAll(async () => {
    await cluster.stop();
    rmSync(home, { recursive: true, force: true });
  }, MINUTES);

  /** Writes the app's manifests to the folder `dist` of an empty folder, and returns that folder. */
  function synthesize(ordering: Ordering, restartJob: boolean): string {
    const folder = mkdtempSync(join(home, `${ordering.tool}-`));
    const { helm, istioCharts } = cluster.controlPlane.programs;
    const charts = { helmExecutable: helm, charts: IstioCharts.directory(istioCharts) };
    firstApp(ordering, { outdir: join(folder, 'dist'), charts, restartJob }).synth();
    return folder;
  }

  async function istioModule(command: string): Promise<void> {
    const { kubeconfig } = cluster.controlPlane;
    const { code, stdout, stderr } = await runCli([command, '--yes'], { env: { KUBECONFIG: kubeconfig } });
    expect({ code, output: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, output: '' });
  }

  /**
   * The Deployments of the shop, and for each whether all of its pods have a sidecar; undefined if only some have one.
   */
  async function sidecars(): Promise<Readonly<Record<string, boolean | undefined>>> {
    const views = await viewWorkloads(client, ['shop']);
    return Object.fromEntries(
      Object.entries(views).map(([key, { pods }]) => {
        const injected = pods.filter(({ image }) => image !== undefined).length;
        return [key.split('/')[2] ?? key, injected === pods.length || (injected > 0 ? undefined : false)];
      }),
    );
  }

  const all = (names: readonly string[], value: boolean) => Object.fromEntries(names.map((name) => [name, value]));

  async function strictPolicies(): Promise<string[]> {
    const policies = await client.list('security.istio.io/v1', 'PeerAuthentication').catch(() => []);
    return policies
      .filter(({ spec }) => JSON.stringify(spec).includes('STRICT'))
      .map(({ metadata: { namespace, name } }) => `${namespace ?? ''}/${name}`);
  }

  /** Expects what has to be true before mutual TLS becomes STRICT. */
  async function expectSidecarsBeforeStrict(): Promise<void> {
    expect(await sidecars()).toEqual(all(SHOP, true));
    expect(await strictPolicies()).toEqual([]);
  }

  async function expectInstalled(): Promise<void> {
    expect(await sidecars()).toEqual(all(SHOP, true));
    expect((await strictPolicies()).sort()).toEqual(['istio-system/default', 'shop/db']);
    const events = await client.list<KubeObject & { readonly message?: string }>('v1', 'Event');
    expect(
      events.filter(({ message }) => message?.includes('failed calling webhook')).map(({ message }) => message),
    ).toEqual([]);
  }

  /** Versions that do not change when an apply changes nothing. */
  async function versions(manifests: readonly Manifest[]): Promise<Readonly<Record<string, unknown>>> {
    const existing = EXISTING.map((name) => smallDeployment(name, 'shop'));
    const read = [...manifests, ...existing].map(async (reference) => {
      const { kind, metadata, spec, status } = await client.get(reference);
      const { namespace = '', name, generation, resourceVersion } = metadata;
      // Controllers write the status of some objects without a generation.
      const version = generation ?? (status === undefined ? resourceVersion : JSON.stringify(spec));
      return [`${kind}/${namespace}/${name}`, version] as const;
    });
    return Object.fromEntries(await Promise.all(read));
  }

  async function expectUninstalled(): Promise<void> {
    const definitions = await client.list('apiextensions.k8s.io/v1', 'CustomResourceDefinition');
    expect(definitions.filter(({ metadata }) => metadata.name.endsWith('.istio.io'))).toEqual([]);
    const namespaces = await client.list('v1', 'Namespace');
    const names = namespaces.map(({ metadata }) => metadata.name);
    expect(names).toContain('shop');
    expect(names).not.toContain('istio-system');
    expect(await sidecars()).toEqual(all(EXISTING, false));
  }

  test(
    'by kubectl, as docs/gitops.md and docs/uninstall.md have it',
    async () => {
      const cwd = synthesize(Ordering.kubectl(), false);
      const follow = async (commands: readonly string[]): Promise<string> => {
        const { stdout, stderr } = await run('bash', ['-euo', 'pipefail', '-c', commands.join('\n')], { cwd, env });
        return stdout + stderr;
      };
      const install = commandsOf('docs/gitops.md', 'kubectl apply --server-side -f dist/0-adopted');
      const strictAt = install.findIndex((command) => command.includes('6-strict'));
      expect(strictAt).toBe(install.length - 1);
      await follow(install.slice(0, strictAt));
      await expectSidecarsBeforeStrict();
      await follow(install.slice(strictAt));
      await expectInstalled();

      const manifests = manifestsBelow(join(cwd, 'dist'));
      const before = await versions(manifests);
      await follow(install);
      expect(await versions(manifests)).toEqual(before);

      await follow(commandsOf('docs/uninstall.md', 'kubectl delete -f dist/6-strict'));
      await expectUninstalled();
    },
    8 * MINUTES,
  );

  test(
    'in the order of Argo CD: its controller is simulated, and a process stands for the container of the restart Job',
    async () => {
      const cwd = synthesize(Ordering.argoCd(), true);
      const manifests = manifestsBelow(join(cwd, 'dist'));
      let isFirst = true;
      const argoCd = new SimulatedArgoCd(
        client,
        () => istioModule('restart'),
        async (wave) => {
          if (wave === 20 && isFirst) await expectSidecarsBeforeStrict();
        },
      );
      await argoCd.sync(manifests);
      await expectInstalled();

      isFirst = false;
      const lasting = manifests.filter(({ kind }) => kind !== 'Job');
      const before = await versions(lasting);
      await argoCd.sync(manifests);
      expect(await versions(lasting)).toEqual(before);

      const ofKind = (wanted: string) => manifests.filter(({ kind }) => kind === wanted);
      for (const manifest of [...ofKind('PeerAuthentication'), ...ofKind('MutatingWebhookConfiguration')]) {
        await client.delete(manifest);
      }
      await istioModule('remove');
      await argoCd.delete(manifests);
      await expectUninstalled();
    },
    8 * MINUTES,
  );

  test(
    'in the order of Flux: its controller is simulated, and a process stands for the container of the restart Job',
    async () => {
      const cwd = synthesize(Ordering.flux({ path: './dist' }), true);
      const kustomizations = documentsAt(
        join(cwd, 'dist', 'flux', 'kustomizations.k8s.yaml'),
      ) as readonly Kustomization[];
      let isFirst = true;
      const flux = new SimulatedFlux(
        client,
        cwd,
        () => istioModule('restart'),
        async (name) => {
          if (name === 'mesh-6-strict' && isFirst) await expectSidecarsBeforeStrict();
        },
      );
      // Kustomizations come in no particular order.
      await flux.reconcile([...kustomizations].reverse());
      await expectInstalled();

      isFirst = false;
      const manifests = manifestsBelow(join(cwd, 'dist')).filter(({ kind }) => kind !== 'Kustomization');
      const before = await versions(manifests);
      await flux.reconcile(kustomizations);
      expect(await versions(manifests)).toEqual(before);

      const stage = (name: string) => kustomizations.find(({ metadata }) => metadata.name === name) as Kustomization;
      for (const name of ['mesh-6-strict', 'mesh-3-webhooks']) await flux.delete(stage(name));
      await istioModule('remove');
      for (const name of ['mesh-5-restart', 'mesh-4-mesh', 'mesh-2-control-plane', 'mesh-1-foundation']) {
        await flux.delete(stage(name));
      }
      await expectUninstalled();
    },
    8 * MINUTES,
  );

  test(
    'has CustomResourceDefinitions that need most of an annotation without --server-side, and none with it',
    async () => {
      const cwd = synthesize(Ordering.kubectl(), false);
      const copies = async (...flags: readonly string[]): Promise<number[]> => {
        const file = 'dist/1-foundation/0000-mesh.k8s.yaml';
        const args = ['apply', '--dry-run=server', '-o', 'json', '-f', file, ...flags];
        const { stdout } = await run('kubectl', args, { cwd, env, maxBuffer: 1 << 26 });
        const { items } = JSON.parse(stdout) as { readonly items: readonly KubeObject[] };
        return items.map(
          ({ metadata }) => metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration']?.length ?? 0,
        );
      };
      const limit = 1 << 18;
      expect(Math.max(...(await copies())) / limit).toBeGreaterThan(0.6);
      expect(Math.max(...(await copies('--server-side')))).toBe(0);
    },
    MINUTES,
  );
});

/** The lines of the block of commands that starts with some text. */
function commandsOf(document: string, start: string): readonly string[] {
  const block = codeBlocks(PROJECT, document).find(({ language, text }) => language === 'sh' && text.startsWith(start));
  if (!block) throw new Error(`${document} has no commands that start with: ${start}`);
  return block.text.trim().split('\n');
}

function manifestsBelow(folder: string): readonly Manifest[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .flatMap((file) => documentsAt(join(folder, file)) as readonly Manifest[]);
}

function documentsAt(file: string): readonly unknown[] {
  return parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS() as unknown);
}
