import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { istioValidationSource } from '../control-plane/program-sources';
import { locatePrograms } from '../control-plane/programs';
import type { Manifest } from './synthesis';

/** What Istio's validation says; both are empty where nothing is wrong. */
export interface Verdict {
  readonly error: string;
  readonly warning: string;
}

/** Istio's own validation, and the readers of Go's libraries, as a process that answers line by line. */
export class IstioValidation {
  static async start(): Promise<IstioValidation> {
    const { path } = await locatePrograms([istioValidationSource]);
    return new IstioValidation(spawn(path(istioValidationSource.name)));
  }

  private readonly waiting: ((verdict: Verdict) => void)[] = [];

  private constructor(private readonly process: ChildProcessWithoutNullStreams) {
    createInterface({ input: process.stdout }).on('line', (line) => {
      this.waiting.shift()?.(JSON.parse(line) as Verdict);
    });
  }

  /** Whether Istio takes an object. */
  object(manifest: Manifest): Promise<Verdict> {
    return this.ask(manifest);
  }

  /** Whether Go reads a regular expression, or an expression in CEL. */
  expression(expression: { readonly regexp: string } | { readonly cel: string }): Promise<Verdict> {
    return this.ask(expression);
  }

  stop(): void {
    this.process.stdin.end();
  }

  private ask(question: object): Promise<Verdict> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.process.stdin.write(`${JSON.stringify(question)}\n`);
    });
  }
}
