import type { RunEvent, WorkloadName } from '../../engine/index';
import { printable } from '../output/printable';
import { nameOf } from '../../engine/plan/plan';
import { isSame, type LiveState } from '../live/live-state';

type Outcome = Extract<RunEvent, { readonly type: 'rolloutEnded' }>['outcome'];

/** The report of a run that its user has stopped. */
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
  const withMessages = (title: string, of: LiveState['ended']) =>
    of.length === 0
      ? []
      : [
          `${title} (${String(of.length)}):`,
          ...of.map(({ workload, message }) => `  ${nameOf(workload)}: ${printable(message)}`),
        ];
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
    ...withMessages('Failed', of('failed')),
    ...withMessages('Stopped after some of their pods', of('stopped')),
    ...names(
      'Still under way, and continuing on their own',
      underWay.map(({ workload }) => workload),
    ),
    ...names('Not started', notStarted),
  ];
  return lines.length === 0
    ? ['Stopped on request: nothing was restarted.']
    : [
        'Stopped on request.',
        ...lines,
        'To continue, run the same command again. It skips workloads that are up to date by then.',
      ];
}

/** Sorts workloads, because rollouts start and end in any order. */
function inPlanOrder(workloads: readonly WorkloadName[]): readonly WorkloadName[] {
  const key = ({ namespace, kind, name }: WorkloadName) => [namespace, kind, name].join('/');
  return [...workloads].sort((one, other) => (key(one) < key(other) ? -1 : 1));
}
