import { spreadOf } from './spread';

export type Unit = 'ms' | 's' | 'MB' | 'requests';

/** One side of a figure: what was run, and what each repetition of it took. */
export interface Side {
  readonly name: string;
  readonly values: readonly number[];
}

/** The target of a figure: the maximum for the median of its subject. */
export type Target =
  | { readonly kind: 'ratio'; readonly atMost: number }
  | { readonly kind: 'excess'; readonly atMost: number }
  | { readonly kind: 'value'; readonly atMost: number };

/** One measurement, and its floor: the least that the same work costs in any implementation. */
export interface Figure {
  readonly name: string;
  readonly unit: Unit;
  readonly subject: Side;
  readonly floor?: Side;
  readonly target?: Target;
  /** What the figure consists of, as far as it is known. Shown if the target is missed. */
  readonly limits?: string;
}

/** Figures of one kind, and how they were measured. */
export interface Section {
  readonly title: string;
  readonly about: readonly string[];
  readonly figures: readonly Figure[];
  /** Where the time goes, as lines to show unchanged. */
  readonly breakdowns?: readonly Breakdown[];
}

export interface Breakdown {
  readonly title: string;
  readonly lines: readonly string[];
}

/** The comparison of the median with the target, in the target's own terms and with unrounded values. */
export interface Verdict {
  readonly actual: number;
  readonly isMet: boolean;
}

/** Undefined for a figure without a target. */
export function verdictOf({ subject, floor, target }: Figure): Verdict | undefined {
  if (!target) {
    return undefined;
  }
  const spent = spreadOf(subject.values).median;
  const least = floor ? spreadOf(floor.values).median : 0;
  const actual = target.kind === 'ratio' ? spent / least : target.kind === 'excess' ? spent - least : spent;
  return { actual, isMet: actual <= target.atMost };
}
