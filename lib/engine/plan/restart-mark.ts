import { createHash } from 'node:crypto';
import { isObject } from '../cluster/is-object';
import { own } from '../cluster/own';
import type { ChangedLeaf } from '../injector/changed-leaves';
import type { Workload } from '../snapshot/snapshot';

/** Where a workload keeps what it was restarted for, so that later runs need not find out again that it is without effect. */
export const MARK_ANNOTATION = 'istio-module/restarted-for';

/** What a restart was for. */
export interface RestartMark {
  /** When, in RFC 3339. */
  readonly at: string;
  /** By path, a digest of the value that the injector gave at that time; {@link ANY} for one that it never gives twice. */
  readonly values: Readonly<Record<string, string>>;
  /** Whether it is of this very run: pods that have another value by now did not get it from this restart. */
  readonly isOfRun?: true;
}

const ANY = '*';
/** The size of an annotation is limited, so it lists only the first differences. */
const MOST_PATHS = 100;

/** What a restart for these changes is for. */
export function restartMark(changes: readonly ChangedLeaf[], at: string): RestartMark {
  const values = changes.slice(0, MOST_PATHS).map(({ path, now }) => [path, digestOf(now)] as const);
  return { at, values: Object.fromEntries(values) };
}

/**
 * What of the mark may be another webhook's doing, which comes again after each restart: never that there is a sidecar, and
 * never its image. Undefined where nothing may.
 */
export function markOfOthers({ at, values }: RestartMark): RestartMark | undefined {
  const open = Object.entries(values).filter(([path]) => path.includes('.fields.') && !path.endsWith('.fields.image'));
  return open.length === 0 ? undefined : { at, values: Object.fromEntries(open) };
}

/** The mark as the annotation has it. */
export function markText({ at, values }: RestartMark): string {
  return JSON.stringify({ at, values });
}

/**
 * The differences that the workload was restarted for, from its annotation; undefined if there is none, or it says nothing
 * that this version understands. Another version may have written it, or anybody: what is not understood is left out.
 */
export function markOf(workload: Workload): RestartMark | undefined {
  const metadata = 'object' in workload ? workload.object.metadata : workload.metadata;
  const { at, values } = fieldsOf(metadata?.annotations?.[MARK_ANNOTATION] ?? '');
  const time = typeof at === 'string' ? Date.parse(at) : NaN;
  const known = Object.entries(isObject(values) ? values : {}).filter(isText);
  return Number.isNaN(time) || known.length === 0
    ? undefined
    : { at: new Date(time).toISOString(), values: Object.fromEntries(known) };
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const mark: unknown = JSON.parse(text);
    return isObject(mark) ? mark : {};
  } catch {
    return {};
  }
}

function isText(entry: readonly [string, unknown]): entry is [string, string] {
  return typeof entry[1] === 'string';
}

/** Whether a restart for the same was without effect: nothing of what differs is new since. */
export function isTried({ values, isOfRun }: RestartMark, changes: readonly ChangedLeaf[]): boolean {
  return (
    changes.length > 0 &&
    changes.slice(0, MOST_PATHS).every(({ path, old, now }) => {
      const wanted = own(values, path);
      return (
        wanted !== undefined && (wanted === ANY || digestOf(now) === wanted || (isOfRun && digestOf(old) !== wanted))
      );
    })
  );
}

/**
 * The mark of a restart without effect, for later runs: as it is where the same value is still wanted; what the injector
 * gives another value each time is never tried again.
 */
export function markWithoutEffect({ at, values }: RestartMark, changes: readonly ChangedLeaf[]): RestartMark {
  const unsteady = changes.slice(0, MOST_PATHS).filter(({ path, now }) => own(values, path) !== digestOf(now));
  return { at, values: { ...values, ...Object.fromEntries(unsteady.map(({ path }) => [path, ANY])) } };
}

function digestOf(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(value) ?? '')
    .digest('hex')
    .slice(0, 12);
}
