import { parse } from 'yaml';
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { main } from '../../../lib/cli/main';
// The command loads these modules when it runs. They are loaded here, so that loading does not count as time of the
// first test.
import '../../../lib/cli/restart/run-restart';
import '../../../lib/engine/run/run-rounds';
import { Terminal, type TerminalProcess } from '../../../lib/cli/terminal';
import { deployment, IMAGE, injected } from '../../engine/cluster-builder';
import type { FakeCluster, FakeClusterOptions } from '../../engine/fake-cluster';
import { fakeKubelet, injectedNative, nativePod } from '../../engine/fake-kubelet';
import { startMesh } from '../../engine/fake-mesh';
import { Screen } from '../live/screen';

/** A process with what it has written; on a terminal, stdout and stderr are the same screen. */
class FakeProcess {
  stdout = '';
  stderr = '';
  /** Both, in the order in which they were written. */
  output = '';
  readonly stdin: PassThrough & { isTTY: boolean };
  readonly process: TerminalProcess;
  readonly streams: Record<'stdout' | 'stderr', EventEmitter>;

  /** @param terminals which of its streams are terminals; true for all of them */
  constructor(
    terminals: boolean | readonly ('stdin' | 'stdout' | 'stderr')[],
    env: Readonly<Record<string, string>> = { NO_COLOR: '1' },
    { columns, rows } = { columns: 200, rows: 30 },
  ) {
    const isTerminal = (name: 'stdin' | 'stdout' | 'stderr') =>
      typeof terminals === 'boolean' ? terminals : terminals.includes(name);
    this.stdin = Object.assign(new PassThrough(), { isTTY: isTerminal('stdin') });
    const stream = (name: 'stdout' | 'stderr') =>
      Object.assign(new EventEmitter(), {
        ...{ isTTY: isTerminal(name), columns, rows },
        write: (text: string) => {
          this[name] += text;
          this.output += isTerminal(name) ? text.replaceAll('\n', '\r\n') : text;
          return true;
        },
      });
    this.streams = { stdout: stream('stdout'), stderr: stream('stderr') };
    this.process = { stdin: this.stdin, ...this.streams, env } as unknown as TerminalProcess;
  }

  get screen(): string {
    return new Screen(200, 30).write(this.output).text;
  }

  async waitFor(text: string): Promise<void> {
    while (!this.output.includes(text)) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

/** The intervals with which a run waits stay real. */
const ALL_BUT_INTERVALS = [
  ...(['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask'] as const),
  ...(['setImmediate', 'clearImmediate', 'setTimeout', 'clearTimeout'] as const),
];

describe('a restart as its user sees it', () => {
  let cluster: FakeCluster;

  afterEach(async () => {
    await cluster.close();
  });

  async function start(names: readonly string[], options: FakeClusterOptions = {}): Promise<FakeCluster> {
    cluster = await startMesh(
      names.flatMap((name) => deployment(name)),
      options,
    );
    return cluster;
  }

  const restart = ({ process }: FakeProcess, ...more: readonly string[]) =>
    main(
      ['restart', '--kubeconfig', cluster.server.kubeconfig, '--injector-settle', '0', ...more],
      new Terminal(process),
    );

  test('prints, in a pipe, the plan and each step on stderr, and the report on stdout', async () => {
    await start(['a', 'b']);
    const user = new FakeProcess(false);
    expect(await restart(user, '--yes', '--max-concurrent', '1')).toBe(0);
    expect(user.stderr.split('\n')).toEqual([
      'NAMESPACE  WORKLOAD      DECISION  PODS  SEAMLESS  REASON',
      expect.stringMatching(/^shop {7}deployment\/a {2}restart {3}1 {5}no {8}1 of 1 pod out of date \(/) as string,
      expect.stringMatching(/^shop {7}deployment\/b {2}restart {3}1 {5}no {8}1 of 1 pod out of date \(/) as string,
      '',
      'Not seamless:',
      ...[expect.any(String) as string, expect.any(String) as string],
      ...[expect.any(String) as string, expect.any(String) as string],
      '',
      'Workloads: 2 to restart (2 not seamless).',
      '',
      'rolling out 2 workloads',
      'Deployment shop/a: restarting',
      '1/2 Deployment shop/a: restarted',
      'Deployment shop/b: restarting',
      '2/2 Deployment shop/b: restarted',
      '',
    ]);
    expect(user.stdout).toMatch(
      /^Restarted:\n {2}Deployment shop\/a: 1 of 1 pod out of date .*\n {2}Deployment shop\/b: .*\n\nDone: 2 workloads restarted \(2 up to date\)\.\n$/,
    );
  });

  test('leaves, on a terminal, the plan, the answer, the steps and the report', async () => {
    await start(['a']);
    const user = new FakeProcess(true);
    const code = restart(user);
    await user.waitFor('[y/N] ');
    // The terminal echoes what is typed.
    user.output += 'y\r\n';
    user.stdin.write('y\n');
    expect(await code).toBe(0);
    expect(user.screen.split('\n').slice(9)).toEqual([
      'Workloads: 1 to restart (1 not seamless).',
      '',
      'Restart 1 workload on fake? [y/N] y',
      'rolling out 1 workload',
      '1/1 Deployment shop/a: restarted',
      'Restarted:',
      expect.stringMatching(/^ {2}Deployment shop\/a: 1 of 1 pod out of date/) as string,
      '',
      'Done: 1 workload restarted (1 up to date).',
    ]);
  });

  test('asks and draws on stderr where stdout is not a terminal, and prints the result without styles', async () => {
    await start(['a']);
    const user = new FakeProcess(['stdin', 'stderr'], {});
    const code = restart(user, '-o', 'json');
    await user.waitFor('Restart 1 workload on fake? [y/N] ');
    user.stdin.write('y\n');
    expect(await code).toBe(0);
    expect(user.stderr).toContain('\x1b[?25l');
    expect(user.stderr).toMatch(/\x1b\[\d+mrestart/);
    expect(JSON.parse(user.stdout)).toMatchObject({ restarted: [{ name: 'a' }] });
  });

  test('asks about updates in place with --in-place', async () => {
    cluster = await startMesh([...deployment('a'), nativePod('debug', { labels: { app: 'native' } })], {
      inject: (pod) =>
        pod.metadata.labels?.app === 'native' ? injectedNative(pod, { image: IMAGE }) : injected(pod, IMAGE),
      intercept: fakeKubelet,
    });
    const user = new FakeProcess(true);
    const code = restart(user, '--in-place');
    await user.waitFor('Restart 1 workload and update 1 in place on fake? [y/N] ');
    user.stdin.write('y\n');
    expect(await code).toBe(0);
    expect(user.screen).toContain('Pod shop/debug: updated');
    expect(user.screen).toContain('Done: 1 workload restarted, 1 workload updated in place (2 up to date).');
    const again = new FakeProcess(true);
    expect(await restart(again, '--in-place')).toBe(0);
    expect(again.screen).toContain('Nothing to restart');
  });

  test('defers what is not seamless with --only-seamless, and says why', async () => {
    const fake = await start(['a']);
    const user = new FakeProcess(false);
    expect(await restart(user, '--yes', '--only-seamless')).toBe(0);
    expect(fake.patched).toEqual([]);
    expect(user.stdout).toMatch(
      /^Deferred:\n {2}Deployment shop\/a: 1 of 1 pod out of date .*; deferred, since a restart interrupts its traffic: without a readiness probe, .*\n\nNothing to restart: .* \(1 deferred\)\.\n$/,
    );
  });

  describe('with --log-format json', () => {
    const records = (user: FakeProcess) =>
      user.stderr
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);

    test('prints a JSON object per step, and no report, also on a terminal', async () => {
      await start(['a', 'b']);
      const user = new FakeProcess(['stdin', 'stderr'], {});
      expect(await restart(user, '--yes', '--log-format', 'json', '--max-concurrent', '1')).toBe(0);
      expect(records(user).map(({ event, message }) => `${String(event)}: ${String(message)}`)).toEqual([
        'planned: Workloads: 2 to restart (2 not seamless)',
        'roundBegan: rolling out 2 workloads',
        'rolloutBegan: Deployment shop/a: restarting',
        'rolloutEnded: 1/2 Deployment shop/a: restarted',
        'rolloutBegan: Deployment shop/b: restarting',
        'rolloutEnded: 2/2 Deployment shop/b: restarted',
        'planned: Workloads: 2 up to date',
        'finished: Done: 2 restarted',
      ]);
      expect(records(user)[2]).toMatchObject({
        ...{ level: 'info', namespace: 'shop', kind: 'Deployment', name: 'a', action: 'restart' },
        ...{ time: expect.stringMatching(/^\d{4}-.*Z$/) as string },
        reason: expect.stringContaining('1 of 1 pod out of date') as string,
      });
      expect(user.stdout).toBe('');
    });

    test('prints the report in addition with -o', async () => {
      await start(['a']);
      const user = new FakeProcess(false);
      expect(await restart(user, '--yes', '--log-format', 'json', '-o', 'json')).toBe(0);
      expect(JSON.parse(user.stdout)).toMatchObject({ restarted: [{ name: 'a' }] });
    });

    test('ends with the failure as a record, and its exit code', async () => {
      await start(['a'], { fates: { a: 'fails' } });
      const user = new FakeProcess(false);
      expect(await restart(user, '--yes', '--log-format', 'json')).toBe(1);
      expect(records(user).at(-1)).toMatchObject({
        ...{ level: 'error', event: 'failed', code: 'RolloutFailed' },
        done: { restarted: [], begun: ['Deployment shop/a'] },
      });
    });

    test('needs --yes', async () => {
      const fake = await start(['a']);
      const user = new FakeProcess(true);
      expect(await restart(user, '--log-format', 'json')).toBe(1);
      expect(user.stderr).toBe(
        'error: --log-format json cannot ask for confirmation; add --yes to restart without confirmation. Nothing was restarted.\n',
      );
      expect(fake.server.requests).toEqual([]);
    });
  });

  test('shows the plan again when there is more to ask about, and only then', async () => {
    const fake = await start(['a']);
    const user = new FakeProcess(true);
    const code = restart(user);
    await user.waitFor('Restart 1 workload on fake? [y/N] ');
    fake.objects.push(...deployment('later'));
    user.stdin.write('y\n');
    await user.waitFor('Restart 2 workloads on fake? [y/N] ');
    user.stdin.write('y\n');
    expect(await code).toBe(0);
    expect(user.output.match(/NAMESPACE/g)).toHaveLength(2);
    expect(fake.patched).toEqual(['shop/a', 'shop/later']);
  });

  test('shows the plan 80 characters wide on a terminal that does not know its size', async () => {
    await start(['a']);
    const user = new FakeProcess(true, { NO_COLOR: '1' }, { columns: 0, rows: 0 });
    expect(await restart(user, '--yes')).toBe(0);
    expect(user.stderr).toContain(
      'NAMESPACE  WORKLOAD      DECISION  PODS  SEAMLESS\nshop       deployment/a  restart   1     no\n  1 of 1 pod out of date (istio-init.image',
    );
  });

  test('gives the cursor back after a failure', async () => {
    await start(['a'], { fates: { a: 'fails' } });
    const user = new FakeProcess(true);
    expect(await restart(user, '--yes')).toBe(1);
    expect(user.output.lastIndexOf('\x1b[?25h')).toBeGreaterThan(user.output.lastIndexOf('\x1b[?25l'));
    expect(user.screen).toMatch(
      /\n1\/1 Deployment shop\/a: progress deadline exceeded: ReplicaSet has timed out progressing\.\nerror: 1 workload was not brought up to date: /,
    );
  });

  test.each<[string, ConstructorParameters<typeof FakeProcess>[0], Readonly<Record<string, string>>]>([
    ['a CI system runs it', true, { CI: 'true' }],
    ['none of its streams is a terminal', false, {}],
    ['stderr is not a terminal', ['stdin', 'stdout'], {}],
    ['stdin is not a terminal', ['stdout', 'stderr'], {}],
  ])('asks nobody when %s', async (_, terminals, env) => {
    const fake = await start(['a']);
    const user = new FakeProcess(terminals, env);
    expect(await restart(user)).toBe(1);
    expect(user.stderr).toBe(
      'error: Cannot ask for confirmation without a terminal, or if CI is set; add --yes to restart without confirmation. Nothing was restarted.\n',
    );
    expect(fake.server.requests).toEqual([]);
  });

  test.each<Readonly<Record<string, string>>>([{ CI: 'true' }, { TERM: 'dumb' }])(
    'draws nothing where %j',
    async (env) => {
      await start(['a']);
      const user = new FakeProcess(true, { NO_COLOR: '1', ...env });
      expect(await restart(user, '--yes')).toBe(0);
      expect(user.output).not.toContain('\x1b');
      expect(user.stderr).toContain('\nDeployment shop/a: restarting\n');
    },
  );

  test('repeats in a log what is under way, also when nothing changes', async () => {
    jest.useFakeTimers({ doNotFake: ALL_BUT_INTERVALS });
    try {
      await start(['a'], { fates: { a: 'hangs' } });
      const user = new FakeProcess(false);
      const code = restart(user, '--yes', '--timeout', '2s');
      await user.waitFor('Deployment shop/a: restarting');
      jest.advanceTimersByTime(9_999);
      expect(user.stderr).not.toContain('still under way');
      jest.advanceTimersByTime(10_001);
      expect(user.stderr.match(/^still under way: Deployment shop\/a.*$/gm)).toHaveLength(2);
      expect(await code).toBe(1);
    } finally {
      jest.useRealTimers();
    }
  });

  test('continues when stderr is closed', async () => {
    const fake = await start(['a']);
    const user = new FakeProcess(false);
    const code = restart(user, '--yes');
    await user.waitFor('restarting');
    user.streams.stderr.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    expect(await code).toBe(0);
    expect(fake.patched).toEqual(['shop/a']);
  });

  test('prints a YAML report in which names are strings, without anchors', async () => {
    await start(['1e3', 'no']);
    const user = new FakeProcess(false);
    expect(await restart(user, '--yes', '-o', 'yaml')).toBe(0);
    expect(user.stdout).toMatch(
      /^schemaVersion: 1\nrestarted:\n {2}- namespace: shop\n {4}kind: Deployment\n {4}name: "1e3"\n/,
    );
    for (const version of ['1.1', '1.2'] as const) {
      expect(parse(user.stdout, { version })).toMatchObject({ restarted: [{ name: '1e3' }, { name: 'no' }] });
    }
    expect(user.stdout).not.toMatch(/[&*]a\d/);
  });

  test('says that there is nothing to do', async () => {
    await start([]);
    const user = new FakeProcess(true);
    expect(await restart(user, '--yes')).toBe(0);
    expect(user.screen).toBe('Nothing to restart: a restart would not update any sidecar.');
  });
});
