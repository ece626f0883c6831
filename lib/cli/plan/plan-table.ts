import type { Decision, RestartPlan, WorkloadPlan } from '../../engine/plan/plan';
import { differenceLines } from '../../engine/report/difference-lines';
import type { Look, Style } from '../output/look';
import { shortMessage } from '../output/short-change';
import { table, type Column, type Row } from '../output/table';
import { wrappedText } from '../output/wrapped-text';
import { planSentence } from './plan-summary';
import { hasWork, listed, namesOf, objectOf, remediesOf, resourceOf } from './plan-view';

export interface PlanTableOptions extends Look {
  /** The flags that select workloads, as they were written; empty without any. */
  readonly selection: string;
  /** Whether each difference is listed below its workload. */
  readonly isWide: boolean;
  /** The last line: what to run next; none when there is nothing to do. */
  readonly next: string;
}

const COLUMNS: readonly Column[] = ['NAMESPACE', 'WORKLOAD', 'DECISION', 'PODS', 'REASON'].map((text) => ({
  title: { text, style: 'bold' },
  wraps: text === 'REASON',
}));

const STYLES: Readonly<Record<Decision, Style>> = {
  restart: 'yellow',
  wait: 'cyan',
  current: 'green',
  warn: 'red',
  skip: 'dim',
  deferred: 'blue',
  undetermined: 'magenta',
};

/** A plan as lines for a person; one sentence when there is nothing to do. */
export function planTable(plan: RestartPlan, options: PlanTableOptions): readonly string[] {
  const { columns, selection, next } = options;
  const prose = (text: string) => wrappedText(text, columns);
  const sentence = prose(planSentence(plan, selection));
  const notes = [
    ...(plan.transitions ?? []).flatMap(({ message }) => prose(`Mutual TLS: ${message}.`)),
    ...plan.ignoredAnnotations.flatMap((one) => prose(`Note: ${objectOf(one)}: ${one.message}.`)),
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
      shortMessage(message, differences),
    ],
    below: isWide ? differenceLines(differences) : [],
  };
}

/** Commands stay in one piece, however wide the terminal is: they are there to be copied. */
function remedyLines(plan: RestartPlan): readonly string[] {
  const lines = [...remediesOf(plan)].flatMap(([remedy, workloads]) => [`  ${namesOf(workloads)}`, `    ${remedy}`]);
  return lines.length > 0 ? ['By hand:', ...lines, ''] : [];
}
