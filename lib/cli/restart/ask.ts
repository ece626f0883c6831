import { createInterface } from 'node:readline';
import { cleanText } from '../../engine/cluster/clean-text';
import type { Terminal } from '../terminal';

/**
 * Asks a person. Everything except a clear yes is a no, including the end of the input.
 *
 * @param signal stops waiting for an answer, which counts as a no
 */
export async function ask(
  { stdin, stderr }: Pick<Terminal, 'stdin' | 'stderr'>,
  question: string,
  signal: AbortSignal,
): Promise<boolean> {
  stderr.write(`${cleanText(question)} [y/N] `);
  // The terminal handles line editing, and turns Ctrl-C into the signal that stops the run.
  const lines = createInterface({ input: stdin, terminal: false });
  const stop = () => {
    lines.close();
  };
  signal.addEventListener('abort', stop);
  const answer = await new Promise<string | undefined>((resolve) => {
    lines.once('line', resolve);
    lines.once('close', () => {
      resolve(undefined);
    });
    if (signal.aborted) {
      stop();
    }
  });
  signal.removeEventListener('abort', stop);
  lines.close();
  stdin.pause();
  if (answer === undefined) {
    stderr.write('\n');
  }
  return isYes(answer ?? '');
}

/** Whether the answer is a yes. */
export function isYes(answer: string): boolean {
  return /^y(es)?$/i.test(answer.trim());
}
