import type { RollOutAction } from '../../engine/index';
import { printable } from '../output/printable';
import { fit } from './fit';
import { shownName } from './shown-name';
import { doneOf, type LiveState, type UnderWay } from './live-state';

/** The size of the view, and the elapsed time of the run. */
export interface LiveFrame {
  readonly columns: number;
  /** Rows of the terminal. The last one is for the cursor. */
  readonly rows: number;
  readonly seconds: number;
}

const VERBS: Readonly<Record<RollOutAction, string>> = {
  restart: 'restarting',
  update: 'updating',
  wait: 'waiting',
};
const INDENT = '  ';
const BAR_COLUMNS = 24;
const DRAINING = 'Stopping: no further rollouts are started. Ctrl-C again to exit immediately';

/** The state of a run as lines that fit into the terminal. */
export function liveLines(state: LiveState, { columns, rows, seconds }: LiveFrame): readonly string[] {
  const footer = [...(state.isDraining ? [DRAINING] : []), totalLine(state, columns, seconds)];
  const room = Math.max(rows - 1 - footer.length, 0);
  const lines = [...underWayLines(state.underWay, room), ...footer].map((line) => fit(line, columns));
  return lines.slice(-Math.max(rows - 1, 1));
}

function underWayLines(underWay: readonly UnderWay[], room: number): readonly string[] {
  const shown = underWay.length <= room ? underWay : underWay.slice(0, Math.max(room - 1, 0));
  const verbs = Math.max(...shown.map(({ action }) => VERBS[action].length), 0);
  const names = Math.max(...shown.map(({ workload }) => shownName(workload).length), 0);
  const lines = shown.map(({ workload, action, status }) =>
    `${INDENT}${VERBS[action].padEnd(verbs)}  ${shownName(workload).padEnd(names)}  ${printable(status)}`.trimEnd(),
  );
  const more = underWay.length - shown.length;
  return more === 0 || room === 0 ? lines : [...lines, `${INDENT}… and ${String(more)} more`];
}

function totalLine(state: LiveState, columns: number, seconds: number): string {
  const clock = clockOf(seconds);
  if (state.due.length === 0) {
    return `${clock}  ${printable(state.doing)}`;
  }
  const done = doneOf(state);
  const failed = state.ended.slice(state.endedBefore).filter(({ outcome }) => outcome === 'failed').length;
  const counts = [
    `${String(done)}/${String(state.due.length)} workloads`,
    ...(state.underWay.length > 0 ? [`${String(state.underWay.length)} under way`] : []),
    ...(failed > 0 ? [`${String(failed)} failed`] : []),
  ].join(', ');
  const text = `${clock}  ${counts}${state.round > 1 ? ` (round ${String(state.round)})` : ''}`;
  return columns >= BAR_COLUMNS + 3 + text.length ? `${bar(done / state.due.length)}  ${text}` : text;
}

function bar(share: number): string {
  const inner = BAR_COLUMNS - 2;
  const full = Math.floor(share * inner);
  return `[${'='.repeat(full)}${full < inner ? '>' : ''}`.padEnd(BAR_COLUMNS - 1) + ']';
}

function clockOf(seconds: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0
    ? `${String(hours)}:${two(minutes)}:${two(Math.floor(seconds) % 60)}`
    : `${String(minutes)}:${two(Math.floor(seconds) % 60)}`;
}
