import { EventEmitter } from 'node:events';
import { LiveView } from '../../../lib/cli/live/live-view';
import { began, ended, roundBegan, stateAfter } from './events';
import { Screen } from './screen';

/** A terminal's stream that records what is written to it. */
class FakeTerminal extends EventEmitter {
  output = '';

  constructor(
    public columns: number,
    public rows: number,
  ) {
    super();
  }

  readonly write = (text: string) => {
    // As a terminal device does.
    this.output += text.replaceAll('\n', '\r\n');
    return true;
  };

  get screen(): string {
    return new Screen(this.columns, this.rows).write(this.output).text;
  }
}

describe('LiveView', () => {
  let terminal: FakeTerminal;
  let view: LiveView;

  beforeEach(() => {
    terminal = new FakeTerminal(80, 10);
    view = new LiveView(terminal as unknown as ConstructorParameters<typeof LiveView>[0]);
  });

  afterEach(() => {
    view.close();
  });

  test('draws each state over the one before, below the lines that stay', () => {
    view.show(stateAfter(roundBegan(['a', 'b']), began('a'), began('b')), 'rolling out 2 workloads');
    view.show(stateAfter(roundBegan(['a', 'b']), began('b'), ended('a')), '1/2 Deployment shop/a: restarted');
    expect(terminal.screen).toBe(
      [
        'rolling out 2 workloads',
        '1/2 Deployment shop/a: restarted',
        '  restarting  Deployment shop/b',
        '[===========>          ]  0:00  1/2 workloads, 1 under way',
      ].join('\n'),
    );
  });

  test('removes control characters from the texts that it shows', () => {
    const hostile = 'a\u001b[2Jb\u009bc\nd';
    view.show(stateAfter(roundBegan([hostile]), began(hostile)), 'note \u001b[3A\u202e');
    expect(terminal.screen.split('\n').slice(0, 2)).toEqual(['note  [3A', '  restarting  Deployment shop/a [2Jb c d']);
  });

  test('leaves the colours that were asked for in the lines that stay', () => {
    const colourful = new LiveView(terminal as unknown as ConstructorParameters<typeof LiveView>[0], (line) => line);
    colourful.show(stateAfter(), '\u001b[31mred\u001b[39m');
    colourful.close();
    expect(terminal.output).toContain('\u001b[31mred\u001b[39m\r\n');
  });

  test('leaves the lines that stay and the cursor when it is closed', () => {
    view.show(stateAfter(roundBegan(['a']), began('a')), 'rolling out 1 workload');
    expect(terminal.output).toContain('\x1b[?25l');
    view.close();
    expect(terminal.screen).toBe('rolling out 1 workload');
    expect(terminal.output.endsWith('\x1b[?25h')).toBe(true);
    expect(terminal.listenerCount('resize')).toBe(0);
  });

  test.each(['SIGQUIT', 'SIGABRT', 'SIGALRM', 'SIGUSR2'] as const)(
    'gives the cursor back when %s ends the process',
    (name) => {
      const kill = jest.spyOn(process, 'kill').mockReturnValue(true);
      try {
        view.show(stateAfter(roundBegan(['a']), began('a')), 'rolling out 1 workload');
        process.emit(name, name);
        expect(terminal.output.endsWith('\x1b[?25h')).toBe(true);
        expect(terminal.screen).toBe('rolling out 1 workload');
        expect(kill.mock.calls).toEqual([[process.pid, name]]);
        expect(process.listenerCount(name)).toBe(0);
      } finally {
        kill.mockRestore();
      }
    },
  );

  test('can be closed and shown again', () => {
    view.show(stateAfter(roundBegan(['a']), began('a')));
    view.close();
    terminal.write('Restart 1 workload? y\n');
    view.show(stateAfter(roundBegan(['a']), began('a')));
    expect(terminal.screen.split('\n')).toEqual([
      'Restart 1 workload? y',
      '  restarting  Deployment shop/a',
      '[>                     ]  0:00  0/1 workloads, 1 under way',
    ]);
  });

  test('writes nothing when nothing changed, and nothing at all when it was never shown', () => {
    view.close();
    expect(terminal.output).toBe('');
    const state = stateAfter(roundBegan(['a']), began('a'));
    view.show(state);
    const { output } = terminal;
    view.show(state);
    expect(terminal.output).toBe(output);
  });

  test('overwrites lines that a narrower terminal has wrapped', () => {
    view.show(stateAfter(roundBegan(['a']), began('a')), 'above');
    const before = terminal.output;
    // The terminal has wrapped the bar's line of 58 characters into three rows, and the other one into two.
    terminal.columns = 25;
    terminal.output = '';
    terminal.emit('resize');
    expect(terminal.output).toMatch(/^\x1b\[5A\r+\x1b\[J/);
    terminal.output = before + terminal.output;
    expect(terminal.screen.split('\n').slice(0, 2)).toEqual(['above', '  restarting  Deployment…']);
  });

  test('draws for 80 by 24 where the terminal does not know its size', () => {
    [terminal.columns, terminal.rows] = [0, 0];
    view.show(stateAfter(roundBegan(['a']), began('a')));
    view.show(stateAfter(roundBegan(['a', 'b']), began('a'), began('b')));
    expect(new Screen(80, 24).write(terminal.output).text.split('\n')).toEqual([
      '  restarting  Deployment shop/a',
      '  restarting  Deployment shop/b',
      '[>                     ]  0:00  0/2 workloads, 2 under way',
    ]);
  });

  test('draws no more lines than the terminal has', () => {
    const names = Array.from({ length: 40 }, (_, index) => `web-${String(index)}`);
    const state = stateAfter(roundBegan(names), ...names.map((name) => began(name)));
    view.show(state);
    view.show(stateAfter(roundBegan(names), ...names.slice(1).map((name) => began(name)), ended('web-0')));
    const lines = terminal.screen.split('\n');
    expect(lines).toHaveLength(9);
    expect(lines.slice(-2)).toEqual([
      '  … and 32 more',
      '[>                     ]  0:00  1/40 workloads, 39 under way',
    ]);
  });
});
