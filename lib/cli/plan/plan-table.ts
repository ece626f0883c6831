import type { Decision, RestartPlan, WorkloadPlan } from '../../engine/plan/plan';
import { differenceLines } from '../../engine/report/difference-lines';
import type { Look, Style } from '../output/look';
import { shortMessage } from '../output/short-change';
import { table, type Cell, type Column, type Row } from '../output/table';
import { wrappedText } from '../output/wrapped-text';
import { planSentence } from './plan-summary';
import { hasWork, interruptionsOf, listed, namesOf, objectOf, remediesOf, resourceOf, seamlessText } from './plan-view';

export interface PlanTableOptions extends Look {
  /** The flags that select workloads, as typed; empty if there are none. */
  readonly selection: string;
  /** Whether each difference is listed below its workload. */
  readonly isWide: boolean;
  /** The last line: what to run next; empty if there is nothing to do. */
  readonly next: string;
}

const COLUMNS: readonly Column[] = ['NAMESPACE', 'WORKLOAD', 'DECISION', 'PODS', 'SEAMLESS', 'REASON'].map((text) => ({
  title: { text, style: 'bold' },
  wraps: text === 'REASON',
}));

const STYLES: Readonly<Record<Decision, Style>> = {
  restart: 'yellow',
  update: 'yellow',
  wait: 'cyan',
  current: 'green',
  warn: 'red',
  skip: 'dim',
  deferred: 'blue',
  undetermined: 'magenta',
};

/** A plan as lines for people. Without a table if there is nothing to do. */
export function planTable(plan: RestartPlan, options: PlanTableOptions): readonly string[] {
  const { columns, selection, next } = options;
  const prose = (text: string) => wrappedText(text, columns);
  const sentence = prose(planSentence(plan, selection));
  const notes = [
    ...(plan.transitions ?? []).flatMap(({ message }) => prose(`Mutual TLS: ${message}.`)),
    ...plan.ignoredAnnotations.flatMap((one) => prose(`Note: ${objectOf(one)}: ${one.message}.`)),
    ...(plan.notes ?? []).flatMap((note) => prose(`Note: ${note}.`)),
    ...inPlaceHint(plan).flatMap(prose),
    ...(plan.bound ? prose(`Upper bound: ${plan.bound.message}`) : []),
  ];
  if (!hasWork(plan)) {
    return [...sentence, ...notes];
  }
  return [
    ...table(
      COLUMNS,
      listed(plan).map((workload) => rowOf(workload, options)),
      options,
    ),
    '',
    ...remedyLines(plan),
    ...interruptionLines(plan, columns),
    ...(notes.length > 0 ? [...notes, ''] : []),
    ...sentence,
    next,
  ];
}

function rowOf(workload: WorkloadPlan, { isWide }: PlanTableOptions): Row {
  const { namespace, decision, pods, message, differences } = workload;
  return {
    cells: [
      namespace,
      resourceOf(workload),
      { text: decision, style: STYLES[decision] },
      pods.length === 0 ? '-' : String(pods.length),
      seamlessCell(workload),
      shortMessage(message, differences),
    ],
    below: isWide ? differenceLines(differences) : [],
  };
}

function seamlessCell(workload: WorkloadPlan): Cell {
  const text = seamlessText(workload);
  return text === 'no' ? { text, style: 'red' } : text || '-';
}

/** A hint if `--in-place` is not set, but would help. */
function inPlaceHint({ workloads }: RestartPlan): readonly string[] {
  const count = workloads.filter(({ decision, inPlace }) => decision === 'warn' && inPlace).length;
  const what = count === 1 ? '1 workload' : `${String(count)} workloads`;
  return count === 0
    ? []
    : [`Note: ${what} with the decision warn can be updated in place, completely or in part: add --in-place.`];
}

/** Commands stay on one line, whatever the width of the terminal, so that they can be copied. */
function remedyLines(plan: RestartPlan): readonly string[] {
  const lines = [...remediesOf(plan)].flatMap(([remedy, workloads]) => [`  ${namesOf(workloads)}`, `    ${remedy}`]);
  return lines.length > 0 ? ['By hand:', ...lines, ''] : [];
}

/** In the format of {@link remedyLines}: the workloads, and below them the reasons. */
function interruptionLines(plan: RestartPlan, columns: number): readonly string[] {
  const lines = [...interruptionsOf(plan)].flatMap(([why, workloads]) => [
    ...wrappedText(namesOf(workloads), columns - 2).map((line) => `  ${line}`),
    ...wrappedText(why, columns - 4).map((line) => `    ${line}`),
  ]);
  return lines.length > 0 ? ['Not seamless:', ...lines, ''] : [];
}
