import type { RestartReport } from 'istio-module/engine';
import { serviceAccountIn, until } from '../control-plane/kube-client';
import { readyAfterAnnotation } from '../control-plane/stages';
import { MeshCluster } from '../e2e/mesh-cluster';
import { isPodReady, makeReady, podsOf } from '../e2e/pods-of';
import { reconfigure } from '../e2e/reconfigure';
import { rolledBetween, SAMPLE_WORKLOADS } from '../e2e/rolled-between';
import { deployment } from '../e2e/workload';
import { Screen } from './live/screen';
import { CliTerminal, runCli } from './run-cli';
import { schemaProblems } from './schema-problems';

const MINUTES = 60_000;
const SLOW = ['a', 'b', 'c', 'd'];
const CTRL_C = '\x03';

describe('istio-module restart', () => {
  let cluster: MeshCluster;
  let terminal: CliTerminal | undefined;

  beforeAll(async () => {
    cluster = await MeshCluster.start();
    await cluster.apply(cluster.chart());
  }, 10 * MINUTES);

  afterEach(async () => {
    await terminal?.kill();
    terminal = undefined;
  });

  afterAll(async () => {
    await cluster.stop();
  }, MINUTES);

  const flags = (...more: readonly string[]) => [
    'restart',
    ...['--kubeconfig', cluster.controlPlane.kubeconfig, '--injector-settle', '1s'],
    ...more,
  ];

  it(
    'restarts nothing where it cannot ask for confirmation',
    async () => {
      const before = await cluster.workloads();
      expect(await runCli(flags(), { input: 'y\n' })).toEqual({
        stdout: '',
        stderr:
          'error: Cannot ask for confirmation without a terminal, or if CI is set; add --yes to restart without confirmation. Nothing was restarted.\n',
        code: 1,
      });
      expect(rolledBetween(before, await cluster.workloads())).toEqual([]);
    },
    MINUTES,
  );

  it(
    'logs what it does line by line, and ends with the report',
    async () => {
      const before = await cluster.workloads();
      const { stdout, stderr, code } = await runCli(flags('--yes'));
      const after = await cluster.workloads();
      expect(code).toBe(0);
      expect(rolledBetween(before, after)).toEqual(SAMPLE_WORKLOADS);
      const images = SAMPLE_WORKLOADS.flatMap((name) => after[name]?.pods.map(({ image }) => image) ?? []);
      expect([...new Set(images)]).toEqual([expect.stringMatching(/proxyv2:1\.31\.1-distroless$/)]);
      const lines = stderr.split('\n');
      expect(lines).toContain('rolling out 5 workloads');
      expect(lines).toContain('Deployment shop/cart: restarting');
      expect(lines.flatMap((line) => /^(\d\/5) \S+ \S+: restarted$/.exec(line)?.[1] ?? [])).toEqual([
        '1/5',
        '2/5',
        '3/5',
        '4/5',
        '5/5',
      ]);
      expect(stderr).not.toContain('\x1b');
      expect(stderr).toMatch(/^NAMESPACE +WORKLOAD +DECISION +PODS +SEAMLESS +REASON\n/);
      expect(stdout).toContain('  Deployment shop/cart: 3 of 3 pods lack the sidecar that the injector adds\n');
      expect(stdout).toMatch(/\n {2}Pod shop\/debug: .*\n {4}by hand: kubectl -n shop replace --force -f /);
      expect(stdout).toMatch(/\nDone: 5 workloads restarted \(.*\)\.\n$/);
    },
    3 * MINUTES,
  );

  it(
    'prints the report as JSON, and nothing else on stdout',
    async () => {
      const { stdout, code } = await runCli(flags('--yes', '-o', 'json'));
      expect(code).toBe(0);
      const report = JSON.parse(stdout) as RestartReport;
      expect(schemaProblems('report', report)).toEqual([]);
      expect(report).toMatchObject({
        schemaVersion: 1,
        restarted: [],
        waited: [],
        counts: { restarted: 0, waited: 0 },
        rounds: 0,
      });
    },
    MINUTES,
  );

  it(
    'ends with 0 when there is nothing to restart',
    async () => {
      const { stdout, code } = await runCli(flags('--yes', '-n', 'shop'));
      expect(code).toBe(0);
      expect(stdout).toMatch(
        /(^|\n)Nothing to restart: a restart would not update any sidecar \(5 up to date, .*\)\.\n$/,
      );
    },
    MINUTES,
  );

  describe('on a terminal', () => {
    let generation: readonly (number | undefined)[];

    const generations = () =>
      Promise.all(
        SLOW.map(
          async (name) => (await cluster.client.get(deployment(name, { namespace: 'slow' }))).metadata.generation,
        ),
      );

    const start = (...more: readonly string[]) => {
      const args = flags('-n', 'slow', '--max-concurrent', '2', ...more);
      terminal = new CliTerminal(args, { columns: 90, rows: 24 });
      return terminal;
    };

    /** What is on the screen at its end. */
    const screenOf = ({ output }: CliTerminal) => new Screen(90, 24).write(output).text;

    beforeAll(async () => {
      const metadata = { name: 'slow', labels: { 'istio-injection': 'enabled' } };
      await cluster.client.apply({ apiVersion: 'v1', kind: 'Namespace', metadata });
      await serviceAccountIn(cluster.client, 'slow');
      for (const name of SLOW) {
        await cluster.client.apply(
          deployment(name, { namespace: 'slow', templateAnnotations: { [readyAfterAnnotation]: '15s' } }),
        );
      }
      await until(
        async () => {
          const pods = await Promise.all(SLOW.map((name) => podsOf(cluster.client, 'slow', name)));
          return pods.every((own) => own.length === 1 && own.every(isPodReady));
        },
        'the slow workloads being ready',
        { timeoutSeconds: 90 },
      );
      await reconfigure(cluster, { proxyResources: { requests: { cpu: '130m' } } });
      generation = await generations();
    }, 10 * MINUTES);

    it(
      'asks for confirmation, and restarts nothing after a no',
      async () => {
        const cli = start();
        await cli.waitFor(/Restart 4 workloads on \S+\? \[y\/N\] $/);
        cli.write('n\r');
        expect(await cli.ended).toBe(1);
        expect(screenOf(cli)).toMatch(/\? \[y\/N\] n\nerror: The plan was declined\. Nothing was restarted\.$/);
        expect(await generations()).toEqual(generation);
      },
      2 * MINUTES,
    );

    it(
      'restarts nothing after Ctrl-C in place of an answer',
      async () => {
        const cli = start();
        await cli.waitFor(/\? \[y\/N\] $/);
        cli.write(CTRL_C);
        expect(await cli.ended).toBe(130);
        expect(screenOf(cli)).toMatch(/\? \[y\/N\] \^C\nStopped on request: nothing was restarted\.$/);
        expect(await generations()).toEqual(generation);
      },
      2 * MINUTES,
    );

    it(
      'shows what is under way after a yes, and waits only for that after Ctrl-C',
      async () => {
        const cli = start();
        await cli.waitFor(/\? \[y\/N\] $/);
        cli.write('y\r');
        await cli.waitFor(/restarting +Deployment slow\/a +1 old replica pending termination/);
        await cli.waitFor(/\[> +\] {2}0:\d\d {2}0\/4 workloads, 2 under way/);
        cli.write(CTRL_C);
        await cli.waitFor(
          'no further rollouts are started; waiting for 2 rollouts under way; Ctrl-C again to exit immediately',
        );
        expect(await cli.ended).toBe(130);
        expect(screenOf(cli)).toMatch(
          /\nStopped on request\.\nRestarted \(2\):\n {2}Deployment slow\/a\n {2}Deployment slow\/b\nNot started \(2\):\n {2}Deployment slow\/c\n {2}Deployment slow\/d\nTo continue, run the same command again\. It skips workloads that are up to date by then\.$/,
        );
        expect(cli.output.lastIndexOf('\x1b[?25h')).toBeGreaterThan(cli.output.lastIndexOf('\x1b[?25l'));
        const [a = 0, b = 0, c, d] = generation;
        expect(await generations()).toEqual([a + 1, b + 1, c, d]);
      },
      3 * MINUTES,
    );

    it(
      'exits at once at a second Ctrl-C, and the next run restarts nothing twice',
      async () => {
        const cli = start('--yes');
        // Only this line shows that both have been patched.
        await cli.waitFor(/restarting +Deployment slow\/c +1 old replica pending termination/);
        await cli.waitFor(/restarting +Deployment slow\/d +1 old replica pending termination/);
        // As CI systems send it: the same as Ctrl-C.
        process.kill(cli.pid, 'SIGTERM');
        await cli.waitFor('no further rollouts are started');
        cli.write(CTRL_C);
        expect(await cli.ended).toBe(130);
        expect(screenOf(cli)).toMatch(
          /\nStopped on request\.\nStill under way, and continuing on their own \(2\):\n {2}Deployment slow\/c\n {2}Deployment slow\/d\nTo continue, run the same command again/,
        );
        const once = generation.map((number = 0) => number + 1);
        expect(await generations()).toEqual(once);

        const { code, stdout } = await runCli(flags('--yes', '-n', 'slow', '-o', 'yaml'));
        expect(code).toBe(0);
        expect(stdout).toMatch(/^schemaVersion: 1\nrestarted: \[\]\nupdated: \[\]\nwaited:\n {2}- namespace: slow\n/);
        expect(await generations()).toEqual(once);
      },
      3 * MINUTES,
    );
  });

  it(
    'ends with the reason of a rollout that fails',
    async () => {
      const metadata = { name: 'trouble', labels: { 'istio-injection': 'enabled' } };
      await cluster.client.apply({ apiVersion: 'v1', kind: 'Namespace', metadata });
      await serviceAccountIn(cluster.client, 'trouble');
      const templateAnnotations = { [readyAfterAnnotation]: 'never' };
      await cluster.client.apply(deployment('hanging', { namespace: 'trouble', templateAnnotations }));
      await makeReady(cluster.client, 'trouble', 'hanging');
      await reconfigure(cluster, { proxyResources: { requests: { cpu: '140m' } } });
      const { stdout, stderr, code } = await runCli(flags('--yes', '-n', 'trouble', '--timeout', '3s'));
      expect({ stdout, code }).toEqual({ stdout: '', code: 1 });
      expect(stderr.split('\n').slice(-3)).toEqual([
        '1/1 Deployment trouble/hanging: not complete after 3 s: 1 old replica pending termination',
        'error: 1 workload was not brought up to date: Deployment trouble/hanging: not complete after 3 s: 1 old replica pending termination. See why with kubectl -n trouble describe deployment/hanging, and run again. Workloads that are up to date by then are skipped.',
        '',
      ]);
    },
    3 * MINUTES,
  );

  it(
    'refuses a namespace that does not exist',
    async () => {
      const { stderr, code } = await runCli(flags('--yes', '-n', 'shpo'));
      expect(code).toBe(1);
      expect(stderr).toMatch(/^error: The cluster of context "\S+" has no namespace shpo; it has .*shop.*\.\n$/);
    },
    MINUTES,
  );
});
