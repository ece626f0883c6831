import { Terminal } from '../../lib/cli/terminal';
import { RecordedProcess, type RecordedOptions } from './recorded-process';

const ALL = ['stdin', 'stdout', 'stderr'] as const;
const terminal = (options?: RecordedOptions) => new Terminal(new RecordedProcess(options));

describe('a terminal', () => {
  test('writes results to stdout and everything else to stderr, line by line', () => {
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
    ['whose result goes to a file', { terminals: ['stdin', 'stderr'] }, { isWatched: true, isInteractive: true }],
    ['whose log goes to a file', { terminals: ['stdin', 'stdout'] }, { isWatched: false, isInteractive: false }],
    ['in CI', { terminals: ALL, env: { CI: 'true' } }, { isWatched: false, isInteractive: false }],
    ['with an empty CI', { terminals: ALL, env: { CI: '' } }, { isWatched: true, isInteractive: true }],
  ])('%s knows whether a person watches, and can be asked', (_, options, { isWatched, isInteractive }) => {
    expect(terminal(options).isWatched).toBe(isWatched);
    expect(terminal(options).isInteractive).toBe(isInteractive);
  });

  test('has for each stream the width of its window, 80 if that is not known, and none in a pipe', () => {
    const widths = (options?: RecordedOptions) => {
      const { look, stderrLook } = terminal(options);
      return [look.columns, stderrLook.columns];
    };
    expect(widths({ terminals: ALL, columns: 120 })).toEqual([120, 120]);
    expect(widths({ terminals: ['stderr'], columns: 0 })).toEqual([Infinity, 80]);
    expect(widths({ terminals: ['stdout'], columns: 0 })).toEqual([80, Infinity]);
    expect(widths()).toEqual([Infinity, Infinity]);
  });

  test('keeps its own colours, and replaces all other control characters by blanks', () => {
    const hostile = 'a\u001b[2Jb\u0007c\u009bd\u202ee\u2066f\u2028g\u007fh\r';
    for (const options of [{ terminals: ALL }, {}]) {
      const process = new RecordedProcess(options);
      const shown = new Terminal(process);
      shown.print(shown.look.paint('red', hostile), 'two\n\tthree');
      shown.tell(shown.stderrLook.paint('red', hostile));
      const clean = shown.look.paint('red', 'a [2Jb c d e f g h ');
      expect(process.written).toEqual({ stdout: `${clean}\ntwo\n\tthree\n`, stderr: `${clean}\n` });
    }
  });

  const RED = '\u001b[31mtext\u001b[39m';

  test.each<[string, RecordedOptions, readonly string[]]>([
    ['shows colours', { terminals: ALL }, [RED, RED]],
    ['shows colours in CI', { terminals: ALL, env: { CI: 'true' } }, [RED, RED]],
    ['shows colours where NO_COLOR is empty', { terminals: ALL, env: { NO_COLOR: '' } }, [RED, RED]],
    ['shows none with NO_COLOR', { terminals: ALL, env: { NO_COLOR: '1' } }, ['text', 'text']],
    ['shows none if TERM is dumb', { terminals: ALL, env: { TERM: 'dumb' } }, ['text', 'text']],
    ['shows none in the pipe that the result goes to', { terminals: ['stdin', 'stderr'] }, ['text', RED]],
    ['shows none in the pipe that the log goes to', { terminals: ['stdin', 'stdout'] }, [RED, 'text']],
  ])('%s', (_, options, expected) => {
    const { look, stderrLook } = terminal(options);
    expect([look, stderrLook].map(({ paint }) => paint('red', 'text'))).toEqual(expected);
  });
});
