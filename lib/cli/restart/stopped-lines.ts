import type { RunEvent, WorkloadName } from '../../engine/index';
import { printable } from '../output/printable';
import { nameOf } from '../../engine/plan/plan';
import { isSame, type LiveState } from '../live/live-state';

type Outcome = Extract<RunEvent, { readonly type: 'rolloutEnded' }>['outcome'];

/** What a run has done and left that its user has stopped. */
export function stoppedLines(state: LiveState): readonly string[] {
  const { ended, underWay, due, endedBefore } = state;
  const of = (outcome: Outcome) => ended.filter((one) => one.outcome === outcome);
  const names = (title: string, workloads: readonly WorkloadName[]) =>
    workloads.length === 0
      ? []
      : [
          `${title} (${String(workloads.length)}):`,
          ...inPlanOrder(workloads).map((workload) => `  ${nameOf(workload)}`),
        ];
  const failed = of('failed');
  const known = [...ended.slice(endedBefore), ...underWay].map(({ workload }) => workload);
  const notStarted = [
    ...of('notStarted').map(({ workload }) => workload),
    ...due.filter((workload) => !known.some((one) => isSame(one, workload))),
  ];
  const lines = [
    ...names(
      'Restarted',
      of('restarted').map(({ workload }) => workload),
    ),
    ...names(
      'Updated in place',
      of('updated').map(({ workload }) => workload),
    ),
    ...names(
      'Waited for',
      of('waited').map(({ workload }) => workload),
    ),
    ...(failed.length === 0
      ? []
      : [
          `Failed (${String(failed.length)}):`,
          ...failed.map(({ workload, message }) => `  ${nameOf(workload)}: ${printable(message)}`),
        ]),
    ...names(
      'Under way, and going on by themselves',
      underWay.map(({ workload }) => workload),
    ),
    ...names('Not started', notStarted),
  ];
  return lines.length === 0
    ? ['Stopped on request: nothing was restarted.']
    : [
        'Stopped on request.',
        ...lines,
        'Run the same command again to go on: what is up to date by then is left alone.',
      ];
}

/** Rollouts begin and end in any order. */
function inPlanOrder(workloads: readonly WorkloadName[]): readonly WorkloadName[] {
  const key = ({ namespace, kind, name }: WorkloadName) => [namespace, kind, name].join('/');
  return [...workloads].sort((one, other) => (key(one) < key(other) ? -1 : 1));
}
