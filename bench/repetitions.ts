import { execFileSync } from 'node:child_process';

/** One side of a comparison: what node is called with to print an {@link Outcome} as JSON. */
export interface Side {
  readonly name: string;
  readonly args: readonly string[];
}

/** What one run of a side prints. */
export interface Outcome {
  /** Processor time, which other programs on the machine blur less than the time on the clock. */
  readonly milliseconds: number;

  /** What the run produced; all runs of both sides must produce the same. */
  readonly product: string;
}

/** A thing to measure against the least that any way to do it costs. */
export interface Comparison {
  readonly name: string;
  readonly subject: Side;
  readonly floor: Side;

  /** The ratio of the medians that the project promises to stay within. */
  readonly target?: number;
}

const REPETITIONS = 7;

/**
 * Runs both sides in turn, each run in a process of its own so that neither warms the other's code, and prints what
 * they took.
 *
 * @throws Error when two runs produced different things
 */
export function compare({ name, subject, floor, target }: Comparison): void {
  const [subjects, floors]: [Outcome[], Outcome[]] = [[], []];
  for (let repetition = 0; repetition < REPETITIONS; repetition++) {
    floors.push(run(floor));
    subjects.push(run(subject));
  }
  const products = new Set([...subjects, ...floors].map(({ product }) => product));
  if (products.size > 1) throw new Error(`${name}: the sides differ in what they produce: ${[...products].join(', ')}`);
  const [spent, least] = [spreadOf(subjects), spreadOf(floors)];
  const promise = target === undefined ? '' : `: at most ${String(target)} times the floor`;
  console.log(`${name}${promise}\n  ${show(spent)}: ${subject.name}\n  ${show(least)}: ${floor.name}`);
  const ratio = (measure: keyof Spread) => (spent[measure] / least[measure]).toFixed(2);
  console.log(`  ratio of the medians ${ratio('median')}, of the minima ${ratio('min')}\n`);
}

function run({ args }: Side): Outcome {
  return JSON.parse(execFileSync(process.execPath, args).toString()) as Outcome;
}

interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

function spreadOf(outcomes: readonly Outcome[]): Spread {
  const sorted = outcomes.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  const at = (place: number) => sorted[Math.floor(place)] ?? NaN;
  return { min: at(0), median: at(sorted.length / 2), max: at(sorted.length - 1) };
}

function show({ min, median, max }: Spread): string {
  return `min ${min.toFixed(0)} ms, median ${median.toFixed(0)} ms, max ${max.toFixed(0)} ms`;
}
