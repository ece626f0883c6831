import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join, resolve } from 'node:path';

import { Yaml } from 'cdk8s';

import { ControlPlane } from './control-plane';
import { Istiod } from './istiod';
import { KubeClient, type KubeObject, type ObjectReference, serviceAccountIn, until } from './kube-client';
import { commandLinesWith } from './process-tree';
import { PulumiWorkspace } from './pulumi-workspace';
import { customProxyImage, legacyNamespace, seedWorkloads, shopNamespace } from './sample-workloads';
import { readyAfterAnnotation } from './stages';

const repository = resolve(__dirname, '..', '..');

function namespace(name: string, labels: Record<string, string> = {}): ObjectReference {
  const metadata = { name, labels };
  return { apiVersion: 'v1', kind: 'Namespace', metadata };
}

function pod(name: string, inNamespace: string, annotations: Record<string, string> = {}): ObjectReference {
  const metadata = { name, namespace: inNamespace, annotations };
  const object = { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [{ name: 'app', image: 'app:1' }] } };
  return object;
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly restartPolicy?: string;
}

function containersOf(object: KubeObject) {
  const { containers, initContainers = [] } = object.spec as { containers: Container[]; initContainers?: Container[] };
  return { containers, initContainers };
}

/** Applies the official charts as they are. */
async function applyIstio(controlPlane: ControlPlane, client: KubeClient, istiod: Istiod): Promise<void> {
  const values = join(controlPlane.directory, 'values.json');
  writeFileSync(values, JSON.stringify({ global: { hub: 'docker.io/istio', tag: '1.31.1' } }));
  await client.apply(namespace('istio-system'));
  for (const chart of ['base', join('istio-control', 'istio-discovery')]) {
    const text = execFileSync(
      controlPlane.programs.helm,
      [
        ...['template', 'istio', join(controlPlane.programs.istioCharts, chart), '--include-crds'],
        ...['--namespace', 'istio-system', '--values', values],
      ],
      { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
    );
    const manifest = join(controlPlane.directory, 'manifest.yaml');
    writeFileSync(manifest, text);
    for (const object of Yaml.load(manifest) as ObjectReference[]) {
      await client.apply(object);
    }
  }
  await istiod.ready();
  const metadata = { name: 'istiod', namespace: 'istio-system' };
  await client.waitFor(
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata },
    (deployment) => (deployment?.status as { availableReplicas?: number } | undefined)?.availableReplicas === 1,
  );
  await client.apply(namespace('mesh', { 'istio-injection': 'enabled' }));
  await serviceAccountIn(client, 'mesh');
}

/** The addresses of this machine. */
function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((entries) => entries ?? [])
    .map(({ address }) => address);
}

describe('ControlPlane', () => {
  it('boots two clusters side by side that know nothing of each other, and stops both', async () => {
    const both = await Promise.all([ControlPlane.start(), ControlPlane.start({ nodes: 3 })]);
    const [one, other] = await Promise.all(both.map((controlPlane) => controlPlane.connect()));
    expect(await one?.list('v1', 'Node')).toHaveLength(2);
    expect(await other?.list('v1', 'Node')).toHaveLength(3);
    expect(both[0].context).not.toBe(both[1].context);

    await Promise.all(both.map((controlPlane) => controlPlane.stop()));
    one?.close();
    other?.close();
    for (const { directory } of both) {
      expect(existsSync(directory)).toBe(false);
      expect(commandLinesWith(directory)).toEqual([]);
    }
  }, 60_000);

  it.each([
    ['once it runs', (line: string) => line.startsWith('istiod has the address')],
    ['while it boots', (line: string) => line.includes('booting')],
  ])(
    'leaves no process and no address behind when its owner is killed %s',
    async (_when, moment) => {
      const owner = spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'killed-owner.ts')], {
        cwd: repository,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let printed = '';
      owner.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
      await until(() => printed.split('\n').some(moment), 'the owner getting there');
      const name = /istio-module-\w+/.exec(printed)?.[0] ?? 'nothing';
      await until(() => commandLinesWith(name).length > 1, 'the cluster having processes');
      owner.kill('SIGKILL');

      await until(() => commandLinesWith(name).length === 0, 'every process being gone', { timeoutSeconds: 150 });
      const [, address = 'none'] = /has the address (198\.18\.\S+)/.exec(printed) ?? [];
      await until(() => !ownAddresses().includes(address), 'the address of its istiod being gone');
    },
    300_000,
  );
});

describe('a control plane with istiod', () => {
  let controlPlane: ControlPlane;
  let client: KubeClient;
  let istiod: Istiod;

  beforeAll(async () => {
    controlPlane = await ControlPlane.start();
    client = await controlPlane.connect();
    istiod = await Istiod.follow(controlPlane);
  }, 600_000);

  afterAll(async () => {
    await istiod.unfollow();
    client.close();
    await controlPlane.stop();
  });

  it('refuses unknown fields', async () => {
    const object = { ...namespace('strict'), spec: { unheardOf: true } };
    await expect(client.apply(object)).rejects.toThrow('.spec.unheardOf: field not declared in schema');
  });

  it('makes pods ready at once, late, or never', async () => {
    await client.apply(pod('prompt', 'default'));
    await client.apply(pod('late', 'default', { [readyAfterAnnotation]: '3s' }));
    await client.apply(pod('never', 'default', { [readyAfterAnnotation]: 'never' }));
    const phase = async (name: string) => ((await client.get(pod(name, 'default'))).status as { phase: string }).phase;
    await until(async () => (await phase('prompt')) === 'Running', 'the prompt pod running');
    expect(await phase('late')).toBe('Pending');
    await until(async () => (await phase('late')) === 'Running', 'the late pod running');
    expect(await phase('never')).toBe('Pending');
  }, 30_000);

  it('gives a service account no more rights than it has', async () => {
    await client.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'weak', namespace: 'default' } });
    const weak = await KubeClient.connect(await controlPlane.kubeconfigOf('default', 'weak'));
    await expect(weak.list('v1', 'Pod')).rejects.toThrow(
      'pods is forbidden: User "system:serviceaccount:default:weak" cannot list resource "pods"',
    );
    weak.close();
  });

  it('starts istiod with its Deployment, and injects as the nodes allow', async () => {
    expect(istiod.running).toBe(false);
    await applyIstio(controlPlane, client, istiod);
    // The API server learns the webhook's certificate a moment after istiod has written it.
    await until(async () => (await client.apply(pod('native', 'mesh'))).kind === 'Pod', 'a pod being admitted');
    await client.apply(pod('ordinary', 'mesh', { 'sidecar.istio.io/nativeSidecar': 'false' }));

    const native = containersOf(await client.get(pod('native', 'mesh')));
    expect(native.containers.map(({ name }) => name)).toEqual(['app']);
    expect(native.initContainers.find(({ name }) => name === 'istio-proxy')).toMatchObject({
      image: 'docker.io/istio/proxyv2:1.31.1',
      restartPolicy: 'Always',
    });
    const ordinary = containersOf(await client.get(pod('ordinary', 'mesh')));
    expect(ordinary.containers.map(({ name }) => name).sort()).toEqual(['app', 'istio-proxy']);
  }, 90_000);

  it('reaches istiod through its Service, also through the API server’s proxy', async () => {
    const [slice] = await client.list('discovery.k8s.io/v1', 'EndpointSlice', {
      namespace: 'istio-system',
      labelSelector: 'kubernetes.io/service-name=istiod',
    });
    expect(slice?.endpoints).toMatchObject([{ addresses: [istiod.address], targetRef: { kind: 'Pod' } }]);
    const { response } = await client.raw<{ response: { allowed: boolean; patch: string } }>(
      'POST',
      '/api/v1/namespaces/istio-system/services/https:istiod:443/proxy/inject',
      {
        apiVersion: 'admission.k8s.io/v1',
        kind: 'AdmissionReview',
        request: { uid: 'asked', namespace: 'mesh', object: pod('asked', 'mesh') },
      },
    );
    expect(response.allowed).toBe(true);
    expect(Buffer.from(response.patch, 'base64').toString()).toContain('"istio-proxy"');
  });

  it('refuses what istiod refuses', async () => {
    const service = { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService' };
    const object = { ...service, metadata: { name: 'bad', namespace: 'mesh' }, spec: { hosts: [] } };
    // The charts' webhook lets everything pass until istiod takes over the webhook, a moment after istiod is ready.
    const refused = () => client.apply(object, { dryRun: true }).then(() => '', String);
    await until(async () => (await refused()) !== '', 'the validating webhook being in force');
    expect(await refused()).toContain('http, tcp or tls must be provided in virtual service');
  });

  it('says why istiod does not start', async () => {
    const reference = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'istio-sidecar-injector', namespace: 'istio-system' },
    };
    const { data } = (await client.get(reference)) as unknown as { data: { config: string; values: string } };
    const values = JSON.parse(data.values) as { global: { proxy: { resources: { requests: object } } } };
    values.global.proxy.resources.requests = { cpu: 1 };
    await client.patch(reference, { data: { values: JSON.stringify(values) } });
    await expect(istiod.restart()).rejects.toThrow(/istiod ended by itself 3 times in a row: [^]*injector/);
    await client.patch(reference, { data });
    await istiod.restart();
    expect(istiod.failure).toBeUndefined();
  }, 90_000);

  it('stops istiod with its Deployment', async () => {
    const metadata = { name: 'istiod', namespace: 'istio-system' };
    const { pid } = istiod;
    await client.delete({ apiVersion: 'apps/v1', kind: 'Deployment', metadata });
    await until(() => istiod.pid === undefined, 'istiod stopping');
    expect(commandLinesWith(controlPlane.directory).filter((line) => line.includes('pilot-discovery'))).toEqual([]);
    expect(pid).toBeDefined();
  }, 30_000);
});

describe('istiods', () => {
  it('of two control planes have addresses of their own, which go with them', async () => {
    const both = await Promise.all([ControlPlane.start({ nodes: 0 }), ControlPlane.start({ nodes: 0 })]);
    const istiods = await Promise.all(both.map((controlPlane) => Istiod.follow(controlPlane)));
    const addresses = istiods.map(({ address }) => address);
    const own = () => ownAddresses().filter((address) => addresses.includes(address));
    expect(new Set(own()).size).toBe(2);

    await Promise.all(istiods.map((istiod) => istiod.unfollow()));
    await Promise.all(both.map((controlPlane) => controlPlane.stop()));
    expect(own().filter((address) => address.startsWith('198.18.'))).toEqual([]);
  }, 60_000);
});

describe('a control plane without native sidecars', () => {
  it('seeds the sample workloads, lets Pulumi manage objects, and gets sidecars as ordinary containers', async () => {
    const controlPlane = await ControlPlane.start({ nativeSidecars: false });
    const client = await controlPlane.connect();
    try {
      const nodes = await client.list('v1', 'Node');
      expect(
        nodes.map(({ status }) => (status as { nodeInfo: { kubeletVersion: string } }).nodeInfo.kubeletVersion),
      ).toEqual(['kwok-v0.8.0', 'kwok-v0.8.0']);
      await seedWorkloads(client);
      expect(await client.list('v1', 'Pod', { namespace: shopNamespace })).toHaveLength(16);
      expect(await client.list('v1', 'Pod', { namespace: legacyNamespace })).toHaveLength(2);
      expect(customProxyImage).toContain('proxyv2');
      await pulumiManages(controlPlane, client);
      const configDirectory = join(controlPlane.directory, 'istiod-config');
      const istiod = await Istiod.follow(controlPlane, { configDirectory });
      await applyIstio(controlPlane, client, istiod);
      await until(async () => (await client.apply(pod('plain', 'mesh'))).kind === 'Pod', 'a pod being admitted');
      const { containers } = containersOf(await client.get(pod('plain', 'mesh')));
      expect(containers.map(({ name }) => name).sort()).toEqual(['app', 'istio-proxy']);
      await prefersFiles(client, istiod, join(configDirectory, 'var', 'lib', 'istio', 'inject'));
      await istiod.unfollow();
    } finally {
      client.close();
      await controlPlane.stop();
    }
  }, 120_000);
});

/** If its configuration is in files, istiod ignores the ConfigMap, so that a test can copy a change late. */
async function prefersFiles(client: KubeClient, istiod: Istiod, directory: string): Promise<void> {
  const metadata = { name: 'istio-sidecar-injector', namespace: 'istio-system' };
  const { data } = await client.get({ apiVersion: 'v1', kind: 'ConfigMap', metadata });
  const { config, values } = data as { config: string; values: string };
  const write = (tag: string) => {
    writeFileSync(join(directory, 'values'), values.replaceAll('1.31.1', tag));
  };
  const proxyImage = async (name: string) => {
    const { containers } = containersOf(await client.apply(pod(name, 'mesh'), { dryRun: true }));
    return containers.find((container) => container.name === 'istio-proxy')?.image;
  };
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'config'), config);
  write('1.30.1');
  await istiod.restart();
  await until(async () => (await proxyImage('file')) === 'docker.io/istio/proxyv2:1.30.1', 'the file being used');
  write('1.30.2');
  await until(async () => (await proxyImage('file')) === 'docker.io/istio/proxyv2:1.30.2', 'its change being used');
}

async function pulumiManages(controlPlane: ControlPlane, client: KubeClient): Promise<void> {
  const project = join(controlPlane.directory, 'project');
  mkdirSync(project);
  symlinkSync(join(repository, 'node_modules'), join(project, 'node_modules'));
  writeFileSync(join(project, 'Pulumi.yaml'), 'name: mini\nruntime: nodejs\n');
  writeFileSync(join(project, 'package.json'), '{ "main": "index.js" }');
  writeFileSync(
    join(project, 'index.js'),
    `const pulumi = require('@pulumi/pulumi');
     const kubernetes = require('@pulumi/kubernetes');
     const provider = new kubernetes.Provider('mutable', { enableConfigMapMutable: true });
     const settings = new kubernetes.core.v1.ConfigMap('settings', {
       metadata: { name: 'settings', namespace: 'shop' },
       data: { colour: new pulumi.Config().require('colour') },
     }, { provider });
     new kubernetes.core.v1.NamespacePatch('team', { metadata: { name: 'legacy', labels: { team: 'ledger' } } });
     exports.name = settings.metadata.name;`,
  );
  const printed: string[] = [];
  const workspace = await PulumiWorkspace.create({
    project,
    state: join(controlPlane.directory, 'state'),
    env: controlPlane.env(),
    checkpoints: 'after each resource',
    output: (line) => printed.push(line),
  });
  const settings = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: shopNamespace } };
  const team = async () => (await client.get(namespace(legacyNamespace))).metadata.labels?.team;

  await workspace.init('dev');
  expect(existsSync(join(project, 'Pulumi.dev.yaml'))).toBe(false);
  await workspace.setConfig('colour', 'red');

  const killed = workspace.spawnUp();
  await until(() => killed.output().includes('Updating'), 'the update starting');
  killed.kill();
  expect((await killed.result).exitCode).toBeNull();
  expect((await workspace.up()).stderr).toContain('the stack is currently locked by 1 lock(s)');
  await workspace.cancel();

  expect(await workspace.up()).toMatchObject({ exitCode: 0, changes: { create: 4 } });
  expect(await client.get(settings)).toMatchObject({ data: { colour: 'red' } });
  expect(await team()).toBe('ledger');
  expect(await workspace.outputs()).toEqual({ name: 'settings' });

  expect(await workspace.up(['--refresh'])).toMatchObject({ exitCode: 0, changes: { same: 4 } });

  await workspace.setConfig('colour', 'green');
  const changed = await workspace.up();
  expect(changed).toMatchObject({ exitCode: 0, changes: { same: 3, update: 1 } });
  expect(changed.steps.find(({ op, type }) => op === 'update' && type.startsWith('kubernetes:'))?.diffs).toEqual([
    'data.colour',
  ]);
  expect(await client.get(settings)).toMatchObject({ data: { colour: 'green' } });

  // Another field manager takes over the field. The next change to the field has to report a conflict instead of taking
  // it back.
  await client.apply({ ...settings, ...{ data: { colour: 'blue' } } }, { fieldManager: 'somebody', force: true });
  await workspace.setConfig('colour', 'yellow');
  const conflict = await workspace.up(['--refresh']);
  expect(conflict.exitCode).not.toBe(0);
  expect(
    conflict.diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message),
  ).toContainEqual(expect.stringContaining('conflict with "somebody": .data.colour'));

  expect(await workspace.destroy()).toMatchObject({ exitCode: 0 });
  expect(await client.find(settings)).toBeUndefined();
  expect(await team()).toBeUndefined();
}
