import type { Chart } from 'cdk8s';

export type Fill = (chart: Chart) => unknown;

/** A piece of advice, with a chart that gets it, and a chart for each way that it names, which follows it. */
export interface AdvisedInput {
  readonly advice: string;
  readonly wrong: Fill;
  readonly mended: readonly Fill[];
}

/** Advice about the props of one construct. */
export const advice =
  <P>(make: (props: P) => Fill) =>
  (text: string, wrong: P, ...mended: readonly P[]): AdvisedInput => ({
    advice: text,
    wrong: make(wrong),
    mended: mended.map(make),
  });

/** Props as from plain JavaScript, or with a cast. */
export const anyProps = <P>(props: Record<string, unknown>): P => props as unknown as P;
