import { Terminal } from '../../lib/cli/terminal';
import { RecordedProcess, type RecordedOptions } from './recorded-process';

const ALL = ['stdin', 'stdout', 'stderr'] as const;
const terminal = (options?: RecordedOptions) => new Terminal(new RecordedProcess(options));

describe('a terminal', () => {
  test('has results on stdout and all about them on stderr, line by line', () => {
    const process = new RecordedProcess();
    const written = new Terminal(process);
    written.print('one', 'two');
    written.print();
    written.tell('waiting');
    expect(process.written).toEqual({ stdout: 'one\ntwo\n', stderr: 'waiting\n' });
  });

  test.each<[string, RecordedOptions, { isWatched: boolean; isInteractive: boolean }]>([
    ['with all streams', { terminals: ALL }, { isWatched: true, isInteractive: true }],
    ['whose input is a file', { terminals: ['stdout', 'stderr'] }, { isWatched: true, isInteractive: false }],
    ['whose output is a file', { terminals: ['stdin', 'stderr'] }, { isWatched: false, isInteractive: false }],
    ['in CI', { terminals: ALL, env: { CI: 'true' } }, { isWatched: false, isInteractive: false }],
    ['with an empty CI', { terminals: ALL, env: { CI: '' } }, { isWatched: true, isInteractive: true }],
  ])('%s knows whether a person watches, and can be asked', (_, options, { isWatched, isInteractive }) => {
    expect(terminal(options).isWatched).toBe(isWatched);
    expect(terminal(options).isInteractive).toBe(isInteractive);
  });

  test('has the width of its window, 80 where that is not known, and none in a pipe', () => {
    expect(terminal({ terminals: ALL, columns: 120 }).columns).toBe(120);
    expect(terminal({ terminals: ALL, columns: 0 }).columns).toBe(80);
    expect(terminal().columns).toBe(Infinity);
    expect(terminal({ terminals: ['stderr'], columns: 0 }).stderrColumns).toBe(80);
    expect(terminal({ terminals: ['stdout'] }).stderrColumns).toBe(Infinity);
  });

  test.each<[string, RecordedOptions, string]>([
    ['shows colours', { terminals: ALL }, '\u001b[31mtext\u001b[39m'],
    ['shows colours in CI', { terminals: ALL, env: { CI: 'true' } }, '\u001b[31mtext\u001b[39m'],
    ['shows colours where NO_COLOR is empty', { terminals: ALL, env: { NO_COLOR: '' } }, '\u001b[31mtext\u001b[39m'],
    ['shows none with NO_COLOR', { terminals: ALL, env: { NO_COLOR: '1' } }, 'text'],
    ['shows none where it is dumb', { terminals: ALL, env: { TERM: 'dumb' } }, 'text'],
    ['shows none in a pipe', { terminals: ['stdin', 'stderr'] }, 'text'],
  ])('%s', (_, options, expected) => {
    expect(terminal(options).style('red', 'text')).toBe(expected);
  });

  test('has both as a look', () => {
    const { columns, paint } = terminal({ terminals: ALL, columns: 120 }).look;
    expect([columns, paint('red', 'text')]).toEqual([120, '\u001b[31mtext\u001b[39m']);
  });
});
