import { PassThrough } from 'node:stream';
import { ask } from '../../../lib/cli/restart/ask';
import type { Terminal } from '../../../lib/cli/terminal';

type Streams = Pick<Terminal, 'stdin' | 'stderr'>;

function streams(): { readonly terminal: Streams; readonly type: (text: string) => void; readonly told: () => string } {
  const stdin = new PassThrough();
  let told = '';
  const stderr = { write: (text: string) => (told += text) };
  return {
    terminal: { stdin, stderr } as unknown as Streams,
    type: (text) => stdin.write(text),
    told: () => told,
  };
}

describe('ask', () => {
  test('removes control characters from the question', async () => {
    const { terminal, type, told } = streams();
    const answer = ask(terminal, 'Restart 1 workload on \u001b[2Jmine?', new AbortController().signal);
    type('n\n');
    await answer;
    expect(told()).toBe('Restart 1 workload on  [2Jmine? [y/N] ');
  });

  test.each([
    ['y', true],
    ['Y', true],
    ['yes', true],
    [' YES ', true],
    ['', false],
    ['n', false],
    ['no', false],
    ['yep', false],
    ['y n', false],
  ])('reads the answer "%s" as %s', async (answer, expected) => {
    const { terminal, type, told } = streams();
    const outcome = ask(terminal, 'Restart 2 workloads on staging?', new AbortController().signal);
    type(`${answer}\n`);
    expect(await outcome).toBe(expected);
    expect(told()).toBe('Restart 2 workloads on staging? [y/N] ');
  });

  test('treats the end of the input as a no', async () => {
    const { terminal, told } = streams();
    const outcome = ask(terminal, 'Sure?', new AbortController().signal);
    (terminal.stdin as unknown as PassThrough).end();
    expect(await outcome).toBe(false);
    expect(told()).toBe('Sure? [y/N] \n');
  });

  test('treats a signal as a no, even if it was aborted before', async () => {
    const controller = new AbortController();
    const { terminal } = streams();
    const outcome = ask(terminal, 'Sure?', controller.signal);
    controller.abort();
    expect(await outcome).toBe(false);
    expect(await ask(streams().terminal, 'Sure?', controller.signal)).toBe(false);
  });

  test('asks again after an answer', async () => {
    const { terminal, type } = streams();
    const first = ask(terminal, 'Sure?', new AbortController().signal);
    type('n\n');
    expect(await first).toBe(false);
    const second = ask(terminal, 'Sure?', new AbortController().signal);
    type('y\n');
    expect(await second).toBe(true);
  });
});
