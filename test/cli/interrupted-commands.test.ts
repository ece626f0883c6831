import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { main } from '../../lib/cli/main';
import { Terminal } from '../../lib/cli/terminal';
import { deployment, IMAGE, istiodService, type ClusterObject } from '../engine/cluster-builder';
import type { FakeCluster } from '../engine/fake-cluster';
import { startMesh } from '../engine/fake-mesh';
import { Scratch } from '../engine/plan/prediction/offline-mesh';
import { isRunning } from '../control-plane/process-tree';
import { RecordedProcess } from './recorded-process';

describe('a command that only reads', () => {
  let cluster: FakeCluster | undefined;
  let scratch: Scratch;

  beforeEach(async () => {
    scratch = await Scratch.make();
  });

  afterEach(async () => {
    await cluster?.close();
    await scratch.remove();
  });

  /** Runs the program until the signal, which only this process receives. */
  async function interrupted(args: readonly string[], when: () => Promise<unknown>, signal: NodeJS.Signals) {
    const recorded = new RecordedProcess();
    const ended = main(args, new Terminal(recorded));
    await when();
    process.emit(signal, signal);
    return { ...recorded.written, code: await ended };
  }

  test.each<[string, readonly string[], NodeJS.Signals]>([
    ['plan', ['plan'], 'SIGINT'],
    ['check', ['check'], 'SIGTERM'],
    ['graph', ['graph'], 'SIGTERM'],
  ])('ends at a signal while the cluster does not answer: %s', async (_, args, signal) => {
    let asked: () => void;
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    cluster = await startMesh([], {
      intercept: () => {
        asked();
        return { silent: true };
      },
    });
    const result = await interrupted([...args, '--kubeconfig', kubeconfig(cluster)], () => isAsked, signal);
    expect(result).toEqual({ stdout: '', stderr: '', code: 130 });
  });

  test.each<NodeJS.Signals>(['SIGTERM', 'SIGINT'])(
    'leaves behind neither istioctl, nor its child processes, nor its files at a %s',
    async (signal) => {
      const version = '\'{"clientVersion":{"version":"1.31.1"}}\'';
      const path = await scratch.program(
        `if [ "$1" = version ]; then echo ${version}; exit; fi\nsleep 60 & echo $! >> ${scratch.log}; echo $$ >> ${scratch.log}; wait`,
      );
      cluster = await startMesh(mesh('registry.example'));
      const manifests = join(scratch.path, 'injector.json');
      await writeFile(manifests, JSON.stringify(injector('other.example')));
      const args = ['plan', '--kubeconfig', kubeconfig(cluster), '--with', manifests, '--istioctl', path];
      const { code } = await interrupted(
        [...args, '--injector-settle', '0', '--injector-timeout', '5s'],
        () => untilTrue(async () => (await started()).length === 2),
        signal,
      );
      expect(code).toBe(130);
      const pids = await started();
      await untilTrue(() => Promise.resolve(pids.every((pid) => !isRunning(pid))));
      expect(await scratch.leftovers()).toEqual([]);
    },
  );

  /** The ids of processes that the program has written to the log. */
  const started = async () => (await scratch.calls()) as unknown as readonly number[];
});

const kubeconfig = ({ server }: FakeCluster) => server.kubeconfig;

const configMap = (name: string, data: Record<string, string>): ClusterObject => ({
  ...{ apiVersion: 'v1', kind: 'ConfigMap', data },
  metadata: { name, namespace: 'istio-system', uid: name },
});
const injector = (hub: string) =>
  configMap('istio-sidecar-injector', {
    config: '{"templates":{"sidecar":"{{ .Values.global.hub }}"}}',
    values: JSON.stringify({ global: { hub, tag: '1.31.1' } }),
  });
const mesh = (hub: string): ClusterObject[] => [
  istiodService(),
  ...deployment('istiod', {
    ...{ namespace: 'istio-system', proxies: [] },
    template: { labels: { app: 'istiod' }, spec: { containers: [{ name: 'discovery', image: 'pilot:1.31.1' }] } },
  }),
  injector(hub),
  configMap('istio', { mesh: '{}' }),
  ...deployment('cart', { proxies: [IMAGE] }),
];

async function untilTrue(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
