import type { LifecycleStep } from './lifecycle';

const PLURAL_PODS = (count: number) => `${String(count)} ${count === 1 ? 'pod' : 'pods'}`;

/** One row of the table. */
interface Row {
  readonly step: string;
  readonly pulumi: string;
  readonly restarted: string;
  readonly warned: string;
  readonly skipped: string;
  readonly replaced: string;
  readonly kept: string;
  readonly time: string;
}

const HEADINGS: Row = {
  step: 'step',
  pulumi: 'Pulumi',
  restarted: 'restarted',
  warned: 'warned',
  skipped: 'skipped',
  replaced: 'pods replaced',
  kept: 'pods left alone',
  time: 'time',
};

/**
 * What happened in a step, in a few lines: what Pulumi did, what was restarted, and what Pulumi says about the rest.
 */
export function stepLines(step: LifecycleStep): string[] {
  const { changes, diagnostics, report } = step;
  const example = report?.restarted.find(({ name }) => name === 'cart') ?? report?.restarted[0];
  const restarted =
    changes.replaced.length === 0
      ? `no workload was restarted, ${PLURAL_PODS(changes.podsKept)} left alone`
      : `restarted ${changes.replaced.map(spoken).join(', ')}: ` +
        `${PLURAL_PODS(changes.podsReplaced)} replaced, ${PLURAL_PODS(changes.podsKept)} left alone`;
  return [
    `Pulumi: ${pulumiResult(step)} in ${seconds(step.seconds)}`,
    restarted,
    ...(example === undefined ? [] : [`why, for example ${example.kind} ${example.name}: ${example.message}`]),
    ...diagnostics
      .filter(({ severity }) => severity === 'warning' || severity === 'info')
      .map(({ severity, message }) => `Pulumi's ${severity === 'info' ? 'note' : severity}: ${message}`),
  ];
}

/** What happened in every step: a line for each, in columns. */
export function stepTable(steps: readonly LifecycleStep[]): string[] {
  const rows = [HEADINGS, ...steps.map(rowOf)];
  const columns = Object.keys(HEADINGS) as (keyof Row)[];
  const widths = new Map(columns.map((column) => [column, Math.max(...rows.map((row) => row[column].length))]));
  const line = (row: Row) =>
    columns
      .map((column) => row[column].padEnd(widths.get(column) ?? 0))
      .join('  ')
      .trimEnd();
  const rule = columns.map((column) => '-'.repeat(widths.get(column) ?? 0)).join('  ');
  const [headings = '', ...body] = rows.map(line);
  return [headings, rule, ...body];
}

function rowOf(step: LifecycleStep): Row {
  const { changes, report } = step;
  const count = (number: number | undefined) => (number === undefined ? '-' : String(number));
  return {
    step: step.title,
    pulumi: pulumiResult(step),
    restarted: count(changes.replaced.length),
    warned: count(report?.counts.warned),
    skipped: count(report?.counts.skipped),
    replaced: count(changes.podsReplaced),
    kept: count(changes.podsKept),
    time: seconds(step.seconds),
  };
}

const OPERATIONS: readonly (readonly [op: string, done: string])[] = [
  ['create', 'created'],
  ['update', 'updated'],
  ['replace', 'replaced'],
  ['delete', 'deleted'],
  ['same', 'unchanged'],
];

/** Such as `4 updated, 60 unchanged`. */
function pulumiResult({ pulumi }: LifecycleStep): string {
  const parts = OPERATIONS.flatMap(([op, done]) => {
    const count = pulumi.changes[op] ?? 0;
    return count > 0 ? [`${String(count)} ${done}`] : [];
  });
  return parts.length > 0 ? parts.join(', ') : 'nothing to do';
}

/** `Deployment/shop/cart` in a sentence: `Deployment cart`. */
function spoken(key: string): string {
  const [kind = '', , name = ''] = key.split('/');
  return `${kind} ${name}`;
}

function seconds(value: number): string {
  return `${value.toFixed(0)} s`;
}
