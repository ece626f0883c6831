import { PassThrough } from 'node:stream';
import type { TerminalProcess } from '../../lib/cli/terminal';

export interface RecordedOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Which of its streams are terminals. */
  readonly terminals?: readonly ('stdin' | 'stdout' | 'stderr')[];
  /** The width of its terminals; 0 if no terminal reports it. */
  readonly columns?: number;
}

/** A fake of the part of a process that uses the terminal; it records what is written. */
export class RecordedProcess implements TerminalProcess {
  readonly stdin: NodeJS.ReadStream & { readonly fd: 0 };
  readonly stdout: NodeJS.WriteStream & { readonly fd: 1 };
  readonly stderr: NodeJS.WriteStream & { readonly fd: 2 };
  readonly env: NodeJS.ProcessEnv;
  readonly written = { stdout: '', stderr: '' };

  constructor({ env = {}, terminals = [], columns = 100 }: RecordedOptions = {}) {
    const stream = <T>(name: 'stdin' | 'stdout' | 'stderr') => {
      const pipe = new PassThrough();
      pipe.on('data', (chunk: Buffer) => {
        if (name !== 'stdin') this.written[name] += chunk.toString();
      });
      return Object.assign(pipe, terminals.includes(name) ? { isTTY: true, columns } : {}) as unknown as T;
    };
    this.stdin = stream('stdin');
    this.stdout = stream('stdout');
    this.stderr = stream('stderr');
    this.env = { ...env };
  }
}
