import type { RestartReport } from 'istio-module/engine';
import type { ObjectReference } from '../control-plane/kube-client';
import { MeshCluster } from '../e2e/mesh-cluster';
import { rolledBetween, SAMPLE_WORKLOADS } from '../e2e/rolled-between';
import { CliTerminal, runCli } from './run-cli';
import { schemaProblems } from './schema-problems';

const MINUTES = 60_000;

describe('istio-module remove', () => {
  let cluster: MeshCluster;

  beforeAll(async () => {
    cluster = await MeshCluster.start();
    await cluster.apply(cluster.chart());
    const { code } = await runCli(['restart', '--yes', '--kubeconfig', cluster.controlPlane.kubeconfig]);
    expect(code).toBe(0);
  }, 10 * MINUTES);

  afterAll(async () => {
    await cluster.stop();
  }, MINUTES);

  const flags = (...more: readonly string[]) => ['remove', '--kubeconfig', cluster.controlPlane.kubeconfig, ...more];

  it(
    'touches nothing while Istio injects',
    async () => {
      const before = await cluster.workloads();
      expect(await runCli(flags('--yes'))).toEqual({
        stdout:
          'Nothing to remove: no workload that can be restarted has a leftover sidecar; workloads that Istio still injects keep theirs.\n',
        stderr: '',
        code: 0,
      });
      expect(rolledBetween(before, await cluster.workloads())).toEqual([]);
    },
    MINUTES,
  );

  describe('after an uninstall', () => {
    beforeAll(async () => {
      const objects = cluster.chart().toJson() as ObjectReference[];
      for (const object of objects.filter(({ kind }) => kind !== 'Namespace').reverse()) {
        await cluster.client.delete(object);
      }
    }, 2 * MINUTES);

    it(
      'restarts nothing where it cannot ask for confirmation',
      async () => {
        expect(await runCli(flags())).toMatchObject({
          stderr:
            'error: Cannot ask for confirmation without a terminal, or if CI is set; add --yes to restart without confirmation. Nothing was restarted.\n',
          code: 1,
        });
      },
      MINUTES,
    );

    it(
      'asks for confirmation, and restarts nothing after a no',
      async () => {
        const before = await cluster.workloads();
        const terminal = new CliTerminal(flags());
        await terminal.waitFor(/Restart 5 workloads without their sidecars on \S+\? \[y\/N\] $/);
        terminal.write('\r');
        expect(await terminal.ended).toBe(1);
        expect(rolledBetween(before, await cluster.workloads())).toEqual([]);
      },
      MINUTES,
    );

    it(
      'rolls every workload that carries a sidecar, and reports it',
      async () => {
        const before = await cluster.workloads();
        const { stdout, code } = await runCli(flags('--yes', '-o', 'json'));
        expect(code).toBe(0);
        const report = JSON.parse(stdout) as RestartReport;
        expect(schemaProblems('report', report)).toEqual([]);
        const { restarted, skipped } = report;
        expect(restarted.map(({ kind, namespace, name }) => `${kind}/${namespace}/${name}`)).toEqual(SAMPLE_WORKLOADS);
        expect(restarted.map(({ message }) => message)).toContain(
          '3 of 3 pods have a sidecar that Istio no longer injects',
        );
        expect(skipped).toEqual([]);
        const after = await cluster.workloads();
        expect(rolledBetween(before, after)).toEqual(SAMPLE_WORKLOADS);
        expect(SAMPLE_WORKLOADS.flatMap((name) => after[name]?.pods.map(({ image }) => image) ?? [])).toEqual(
          SAMPLE_WORKLOADS.flatMap((name) => after[name]?.pods.map(() => undefined) ?? []),
        );
      },
      3 * MINUTES,
    );
  });
});
