import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { go } from '../control-plane/go-command';
import { istioValidationSource, sourcesDirectory } from '../control-plane/program-sources';
import { locatePrograms } from '../control-plane/programs';
import type { Manifest } from './synthesis';

/** The results of the API server and of Istio's validation; the texts are empty if nothing is wrong. */
export interface Verdict {
  readonly error: string;
  readonly warning: string;

  /**
   * The spec of the object as protobuf serializes it, so that specs with the same meaning are equal. Set if the object
   * can be read.
   */
  readonly spec?: Readonly<Record<string, unknown>>;
}

/**
 * Istio's own validation, that of its CustomResourceDefinitions, and the parsers of Go's libraries, as a process that
 * answers line by line.
 */
export class IstioValidation {
  static async start(): Promise<IstioValidation> {
    const { path } = await locatePrograms([istioValidationSource]);
    const api = await go(['list', '-m', '-f', '{{.Dir}}', 'istio.io/api'], sourcesDirectory);
    const definitions = join(api.trim(), 'kubernetes', 'customresourcedefinitions.gen.yaml');
    return new IstioValidation(spawn(path(istioValidationSource.name), [definitions]));
  }

  private readonly waiting: ((verdict: Verdict) => void)[] = [];

  private constructor(private readonly process: ChildProcessWithoutNullStreams) {
    createInterface({ input: process.stdout }).on('line', (line) => {
      // Istio's libraries print logs as they start.
      if (line.startsWith('{')) this.waiting.shift()?.(JSON.parse(line) as Verdict);
    });
  }

  /** Whether the API server and Istio accept an object. */
  object(manifest: Manifest): Promise<Verdict> {
    return this.ask(manifest);
  }

  /** Whether Go can parse a regular expression or a CEL expression. */
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
