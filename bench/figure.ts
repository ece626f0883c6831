import { spreadOf } from './spread';

export type Unit = 'ms' | 's' | 'MB' | 'requests';

/** One side of a figure: what was run, and what each repetition of it took. */
export interface Side {
  readonly name: string;
  readonly values: readonly number[];
}

/** A promise about a figure: what the median of the subject may be at most. */
export type Target =
  | { readonly kind: 'ratio'; readonly atMost: number }
  | { readonly kind: 'excess'; readonly atMost: number }
  | { readonly kind: 'value'; readonly atMost: number };

/** One thing that was measured, beside the least that any way to do it costs. */
export interface Figure {
  readonly name: string;
  readonly unit: Unit;
  readonly subject: Side;
  readonly floor?: Side;
  readonly target?: Target;
  /** What the figure is made up of, as far as it is known: told where the target is missed. */
  readonly limits?: string;
}

/** Figures of one kind, with what a reader has to know about how they came about. */
export interface Section {
  readonly title: string;
  readonly about: readonly string[];
  readonly figures: readonly Figure[];
  /** What the time goes into: lines to be shown as they are. */
  readonly breakdowns?: readonly Breakdown[];
}

export interface Breakdown {
  readonly title: string;
  readonly lines: readonly string[];
}

/** How the median compares with what was promised: in the target's own terms, by the unrounded values. */
export interface Verdict {
  readonly actual: number;
  readonly isMet: boolean;
}

/** Undefined when nothing was promised. */
export function verdictOf({ subject, floor, target }: Figure): Verdict | undefined {
  if (!target) {
    return undefined;
  }
  const spent = spreadOf(subject.values).median;
  const least = floor ? spreadOf(floor.values).median : 0;
  const actual = target.kind === 'ratio' ? spent / least : target.kind === 'excess' ? spent - least : spent;
  return { actual, isMet: actual <= target.atMost };
}
