import { Terminal } from '../../../lib/cli/terminal';
import { WatchLog } from '../../../lib/cli/watch/watch-log';
import { RestartError, type WatchEvent } from '../../../lib/engine/index';
import { began, ended, roundBegan } from '../live/events';
import { Screen } from '../live/screen';
import { RecordedProcess, type RecordedOptions } from '../recorded-process';

describe('the log of a watch', () => {
  let process: RecordedProcess;
  let log: WatchLog;

  const start = (options: RecordedOptions, format: 'text' | 'json' = 'text') => {
    process = new RecordedProcess({ columns: 80, ...options });
    log = new WatchLog(new Terminal(process), format);
  };
  const on = (...events: readonly WatchEvent[]) => {
    events.forEach(log.onEvent);
  };
  const screen = () => new Screen(80, 24).write(process.written.stderr.replaceAll('\n', '\r\n')).text.trimEnd();

  const watching: WatchEvent = { type: 'watching', until: '2026-01-01T00:10:00.000Z', reason: 'resync' };
  const NEXT = 'The next run begins after a change, or at 2026-01-01T00:10:00.000Z to recheck';

  afterEach(() => {
    log.close();
  });

  test('shows on a terminal what is under way, and clears it between runs', () => {
    start({ terminals: ['stderr'] });
    on({ type: 'changed', message: 'Namespace shop was changed' }, roundBegan(['a', 'b']), began('a'), began('b'));
    on(ended('a'), { type: 'changed', message: 'Namespace blog was changed' });
    expect(screen().split('\n')).toEqual([
      'Namespace shop was changed',
      'rolling out 2 workloads',
      '1/2 Deployment shop/a: restarted',
      'Namespace blog was changed',
      '  restarting  Deployment shop/b',
      '[===========>          ]  0:00  1/2 workloads, 1 under way',
    ]);
    on({ type: 'runFailed', error: new RestartError('InjectorUnreachable', 'No answer') }, watching);
    expect(screen().split('\n').slice(3)).toEqual([
      'Namespace blog was changed',
      expect.stringMatching(/^No answer/) as string,
      NEXT,
    ]);
  });

  test('clears the view if a run has restarted nothing', () => {
    start({ terminals: ['stderr'] });
    on({ type: 'reading' });
    expect(screen()).toContain('checking which sidecars are out of date');
    on({ type: 'heldBack', workloads: ['Deployment shop/a'] }, watching);
    expect(screen()).not.toContain('finding out');
  });

  test('says that it is stopping', () => {
    start({ terminals: ['stderr'] });
    on(roundBegan(['a']), began('a'));
    log.onDrain();
    expect(screen().split('\n').slice(-4, -1)).toEqual([
      'Stopping when the rollouts under way are complete',
      '  restarting  Deployment shop/a',
      'Stopping: no further rollouts are started. Ctrl-C again to exit immediately',
    ]);
  });

  test.each<[string, RecordedOptions]>([
    ['in a pipe', {}],
    ['on a terminal that cannot move its cursor', { terminals: ['stderr'], env: { TERM: 'dumb' } }],
    ['in CI', { terminals: ['stderr'], env: { CI: 'true' } }],
  ])('is written line by line %s', (_, options) => {
    start(options);
    on(roundBegan(['a']), began('a'), ended('a'), watching);
    expect(process.written.stderr.split('\n').slice(0, 2)).toEqual([
      'rolling out 1 workload',
      'Deployment shop/a: restarting',
    ]);
    expect(process.written.stderr).not.toContain('\u001b');
  });

  test('is JSON on a terminal, too, if that is requested', () => {
    start({ terminals: ['stderr'] }, 'json');
    on(roundBegan(['a']), began('a'), watching);
    const lines = process.written.stderr.trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual([
      'roundBegan',
      'rolloutBegan',
      'watching',
    ]);
  });
});
