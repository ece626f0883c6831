import { nameOf } from '../../engine/plan/plan';
import type { IgnoredAnnotation, RestartReport, WorkloadName, WorkloadPlan } from '../../engine/index';
import { printable } from '../output/printable';
import { objectOf } from '../plan/plan-view';

type Entry = WorkloadPlan | IgnoredAnnotation;

/**
 * A report for people: first what was done, then what is left to do and how.
 *
 * @param nothing the message if nothing was due; without a period
 */
export function reportLines(report: RestartReport, nothing: string): readonly string[] {
  const shown = printable(report);
  const { restarted, updated, waited, warnings, deferred, undetermined, ignoredAnnotations, transitions, counts } =
    shown;
  const skipped = shown.skipped.filter(({ selected }) => selected !== false);
  const unselected = shown.skipped.length - skipped.length;
  const done = [
    ...(counts.restarted > 0 ? [`${count(counts.restarted, 'workload')} restarted`] : []),
    ...(counts.updated > 0 ? [`${count(counts.updated, 'workload')} updated in place`] : []),
    ...(counts.waited > 0 ? [`waited for ${count(counts.waited, 'other rollout')}`] : []),
  ];
  const left = [
    ...(counts.current > 0 ? [`${String(counts.current)} up to date`] : []),
    ...(counts.warned > 0 ? [`${String(counts.warned)} to do by hand`] : []),
    ...(counts.deferred > 0 ? [`${String(counts.deferred)} deferred`] : []),
    ...(counts.undetermined > 0 ? [`${String(counts.undetermined)} undetermined`] : []),
    ...(skipped.length > 0 ? [`${String(skipped.length)} skipped`] : []),
    ...(unselected > 0 ? [`${String(unselected)} not selected`] : []),
  ];
  const rounds = report.rounds > 1 ? ` in ${String(report.rounds)} rounds` : '';
  return [
    ...section('Restarted', restarted, workloadLine),
    ...section('Updated in place', updated, workloadLine),
    ...section('Waited for', waited, workloadLine),
    ...section('Skipped', skipped, entryLines),
    ...section('Deferred', deferred, entryLines),
    ...section('Undetermined', undetermined, entryLines),
    ...section('Annotations that are invalid and ignored', ignoredAnnotations, entryLines),
    ...section('Mutual TLS', transitions, ({ message }) => [message]),
    ...section('To do by hand', warnings, entryLines),
    `${done.length === 0 ? nothing : `Done: ${done.join(', ')}${rounds}`}${left.length > 0 ? ` (${left.join(', ')})` : ''}.`,
  ];
}

function section<T>(title: string, entries: readonly T[], lines: (entry: T) => readonly string[]): readonly string[] {
  return entries.length === 0 ? [] : [`${title}:`, ...entries.flatMap(lines).map((line) => `  ${line}`), ''];
}

function workloadLine(workload: WorkloadName & { readonly message?: string }): readonly string[] {
  const { message = '' } = workload;
  return [`${nameOf(workload)}${message === '' ? '' : `: ${message}`}`];
}

function entryLines(entry: Entry): readonly string[] {
  const remedy = 'remedy' in entry ? entry.remedy : '';
  return [`${objectOf(entry)}: ${entry.message}`, ...(remedy === '' ? [] : [`  by hand: ${remedy}`])];
}

function count(number: number, noun: string): string {
  return `${String(number)} ${noun}${number === 1 ? '' : 's'}`;
}
