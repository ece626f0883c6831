import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

import { ControlPlane } from '../control-plane';
import { type KubeClient, type ObjectReference, until } from '../kube-client';
import { commandLinesWith } from '../process-tree';
import { trafficAppImage } from './node-images';
import { onRealNode } from './on-real-node';
import { realNodePlacement } from './placement';
import { RealNode } from './real-node';

const repository = resolve(__dirname, '..', '..', '..');

/** Settings of the whole machine that a kubelet would change. */
const settings = [
  ...['vm/overcommit_memory', 'vm/panic_on_oom', 'kernel/panic', 'kernel/panic_on_oops'],
  ...['kernel/keys/root_maxkeys', 'kernel/keys/root_maxbytes', 'net/ipv4/ip_forward'],
];

const output = (program: string, ...args: string[]) => execFileSync(program, args, { encoding: 'utf8' });

/** The state of the machine that a node could change. Other nodes do not change it, either. */
function machine(): object {
  return {
    rules: [output('iptables', '-S'), output('iptables', '-t', 'nat', '-S')],
    mounts: readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .filter((line) => /kubelet|containerd|netns/.test(line)),
    settings: settings.map((name) => readFileSync(`/proc/sys/${name}`, 'utf8')),
    folders: ['/var/lib/kubelet', '/var/lib/containerd', '/run/containerd', '/etc/cni', '/opt/cni'].map((folder) =>
      existsSync(folder),
    ),
  };
}

/** Everything that exists of one control plane and its nodes. */
function partsOf(directory: string): string[] {
  return [
    ...(existsSync(directory) ? [directory] : []),
    ...commandLinesWith(directory),
    ...output('ip', '-details', 'link')
      .split('\n')
      .filter((line) => line.includes(directory)),
    ...output('find', '/sys/fs/cgroup', '-name', `${basename(directory)}-*`)
      .split('\n')
      .filter((line) => line !== ''),
  ];
}

function pod(name: string, placement: object): ObjectReference {
  const containers = [{ name: 'app', image: trafficAppImage, imagePullPolicy: 'Never' }];
  const object = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: { ...placement, terminationGracePeriodSeconds: 1, containers },
  };
  return object;
}

async function running(client: KubeClient, name: string): Promise<{ node: string; address: string }> {
  await client.waitFor(
    pod(name, {}),
    (object) => (object?.status as { phase?: string } | undefined)?.phase === 'Running',
  );
  const { spec, status } = await client.get(pod(name, {}));
  return { node: (spec as { nodeName: string }).nodeName, address: (status as { podIP: string }).podIP };
}

onRealNode('real nodes', () => {
  let before: object;

  beforeEach(() => {
    before = machine();
  });

  test('of two clusters know nothing of each other, run their own pods, and leave nothing behind', async () => {
    const controlPlanes = await Promise.all([ControlPlane.start(), ControlPlane.start()]);
    try {
      await Promise.all(controlPlanes.map((controlPlane) => RealNode.join(controlPlane)));
      // The directory, processes, a link and control groups, which are of several kinds on some machines.
      for (const { directory } of controlPlanes) {
        expect(partsOf(directory).length).toBeGreaterThan(10);
      }
      const addresses = await Promise.all(
        controlPlanes.map(async (controlPlane) => {
          const client = await controlPlane.connect();
          await client.create(pod('real', realNodePlacement));
          await client.create(pod('simulated', {}));
          const real = await running(client, 'real');
          expect(real.node).toBe('real');
          expect((await running(client, 'simulated')).node).toMatch(/^node-\d$/);
          // The application on the real node answers; nothing answers at the address of a simulated pod.
          expect((await fetch(`http://${real.address}:9000/ready`)).status).toBe(200);
          await until(
            async () => (await client.log('default', 'real', 'app')).includes('listening'),
            "the pod's log being there",
          );
          client.close();
          return real.address;
        }),
      );
      expect(new Set(addresses).size).toBe(2);
    } finally {
      await Promise.all(controlPlanes.map((controlPlane) => controlPlane.stop()));
    }

    await leftNothing(controlPlanes.map(({ directory }) => directory));
  }, 400_000);

  test.each([
    ['once it runs', (line: string) => line.includes('is ready, at')],
    ['while it starts', (line: string) => line.includes('starting the node')],
  ])(
    'leave nothing behind when their owner is killed %s',
    async (_when, moment) => {
      const owner = spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'killed-owner.ts')], {
        cwd: repository,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let printed = '';
      owner.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
      await until(() => printed.split('\n').some(moment), 'the owner getting there', { timeoutSeconds: 240 }).catch(
        (error: unknown) => {
          owner.kill('SIGKILL');
          throw error;
        },
      );
      const directory = /KUBECONFIG=(\S+)\/kubeconfig/.exec(printed)?.[1] ?? 'nothing';
      expect(partsOf(directory)).not.toEqual([]);
      owner.kill('SIGKILL');

      await leftNothing([directory]);
    },
    400_000,
  );

  async function leftNothing(directories: readonly string[]): Promise<void> {
    // The kernel removes a network namespace a moment after its last process ends.
    const left = () => directories.flatMap(partsOf);
    await until(() => left().length === 0, 'everything being gone', { timeoutSeconds: 60 }).catch(() => undefined);
    expect(left()).toEqual([]);
    expect(machine()).toEqual(before);
  }
});
