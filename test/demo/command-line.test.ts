import { CommandLineError, readCommandLine } from './command-line';

const HINT = ' See `npm start -- --help`.';

describe('readCommandLine', () => {
  test.each([
    [[], { command: 'local', keep: false }],
    [['--keep'], { command: 'local', keep: true }],
    [['--context', 'kind-a'], { command: 'existing', context: 'kind-a', charts: undefined, values: undefined }],
    [
      ['--context=kind-a', '--charts', 'charts', '--values', 'values.json'],
      { command: 'existing', context: 'kind-a', charts: 'charts', values: 'values.json' },
    ],
    [['--keep', '--help'], { command: 'help' }],
  ])('reads %j', (args, expected) => {
    expect(readCommandLine(args)).toEqual(expected);
  });

  test.each([
    [['--kepe'], '`--kepe` is not an option of npm start.'],
    [['-k'], '`-k` is not an option of npm start.'],
    [['--toString'], '`--toString` is not an option of npm start.'],
    [['keep'], '`keep` is not an argument of npm start, which takes options only.'],
    [['--context'], '`--context` needs a value.'],
    [['--context='], '`--context` needs a value.'],
    [['--keep=yes'], '`--keep` takes no value, but got `yes`.'],
    [
      ['--charts', 'charts'],
      '--charts goes with --context: the control plane on this machine brings its own charts and values.',
    ],
    [
      ['--values', 'values.json'],
      '--values goes with --context: the control plane on this machine brings its own charts and values.',
    ],
    [
      ['--context', 'kind-a', '--keep'],
      '--keep is about the control plane on this machine; a cluster of --context stays anyway, and is left as it was.',
    ],
  ])('refuses %j', (args, sentence) => {
    expect(() => readCommandLine(args)).toThrow(new CommandLineError(sentence));
    expect(new CommandLineError(sentence).message).toBe(sentence + HINT);
  });
});
