import { createHash } from 'node:crypto';
import { containsPatch } from '../cluster/contains-patch';
import { isObject } from '../cluster/is-object';
import { own } from '../cluster/own';
import type { ChangedLeaf } from '../injector/changed-leaves';
import type { Workload } from '../snapshot/snapshot';

/**
 * The annotation with the reasons of a restart that had no effect, or may have none, so that later runs do not repeat
 * it.
 */
export const MARK_ANNOTATION = 'istio-module/restarted-for';

/** The reasons of a restart. */
export interface RestartMark {
  /** The time of the restart, in RFC 3339. */
  readonly at: string;
  /** Digests of the injector's values at that time, by path; {@link ANY} for a value that is different each time. */
  readonly values: Readonly<Record<string, string>>;
  /**
   * Whether the restart belongs to the current run. Such a restart counts as without effect if the new pods lack the
   * values that the injector had at the time of the restart, whatever values it has now.
   */
  readonly isOfRun?: true;
  /**
   * A digest of the pod template at that time. If it is set, the mark only holds until another rollout replaces the
   * pods.
   */
  readonly template?: string;
}

const ANY = '*';
/** The size of an annotation is limited, so it lists only the first differences. */
const MOST_PATHS = 100;

/** The mark of a restart for these changes. */
export function restartMark(changes: readonly ChangedLeaf[], at: string): RestartMark {
  const values = changes.slice(0, MOST_PATHS).map(({ path, now }) => [path, digestOf(now)] as const);
  return { at, values: Object.fromEntries(values) };
}

/**
 * The part of the mark with differences that another webhook may cause again after each restart: fields of containers
 * other than the image. The rest, such as the existence of a sidecar, does not keep later runs from a restart.
 * Undefined if nothing is left.
 */
export function markOfOthers({ at, values }: RestartMark): RestartMark | undefined {
  const open = Object.entries(values).filter(([path]) => path.includes('.fields.') && !path.endsWith('.fields.image'));
  return open.length === 0 ? undefined : { at, values: Object.fromEntries(open) };
}

/** The mark as the value of the annotation. */
export function markText({ at, values, template }: RestartMark): string {
  return JSON.stringify({ at, values, template });
}

/**
 * The mark in the workload's annotation; undefined if it is missing or invalid, or no longer holds. Another version may
 * have written it, or another writer: unknown fields and invalid entries are ignored.
 */
export function markOf(workload: Workload): RestartMark | undefined {
  const metadata = 'object' in workload ? workload.object.metadata : workload.metadata;
  const annotation = metadata?.annotations?.[MARK_ANNOTATION];
  if (annotation === undefined) {
    return undefined;
  }
  const { at, values, template } = fieldsOf(annotation);
  const time = typeof at === 'string' ? Date.parse(at) : NaN;
  const known = Object.entries(isObject(values) ? values : {}).filter(isText);
  if (Number.isNaN(time) || known.length === 0) {
    return undefined;
  }
  const mark = { at: new Date(time).toISOString(), values: Object.fromEntries(known) };
  return typeof template === 'string' ? ofItsRollout({ ...mark, template }, workload) : mark;
}

/**
 * The mark of a restart that may have had an effect. If the workload's owner has a pod template, the mark only holds
 * until another rollout replaces the pods.
 */
export function untilNextRollout(mark: RestartMark, workload: Workload): RestartMark {
  return workload.templateSource === 'owner' ? { ...mark, template: templateDigest(workload) } : mark;
}

function ofItsRollout(mark: RestartMark, workload: Workload): RestartMark | undefined {
  const isRestarted = workload.type !== 'rollable' || containsPatch(workload.object, workload.owner.restart(mark.at));
  return isRestarted && templateDigest(workload) === mark.template ? mark : undefined;
}

/** A digest of the template without the fields that a restart sets. */
function templateDigest(workload: Workload): string {
  const restart = workload.type === 'rollable' ? workload.owner.restart('') : {};
  const object = { spec: { template: workload.template } };
  const { metadata = {}, spec } = (without(object, restart) as typeof object).spec.template;
  return digestOf([metadata.labels ?? {}, metadata.annotations ?? {}, spec]);
}

/** The value without the fields that a merge patch sets. */
function without(value: unknown, patch: unknown): unknown {
  if (!isObject(value) || !isObject(patch)) {
    return value;
  }
  const kept = Object.entries(value).flatMap(([name, field]) => {
    const set = own(patch, name);
    return set === undefined || isObject(set) ? [[name, without(field, set)] as const] : [];
  });
  return Object.fromEntries(kept);
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

/**
 * Whether the marked restart had no effect: each change was already a reason for it, and the injector's value is the
 * same as at that time, or different each time. For a restart of the current run, `isOfRun` describes another case.
 */
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
 * The mark of a restart without effect, for later runs. Keeps values that are still the same, and replaces
 * the others by `ANY`: a value that is different each time is never tried again.
 */
export function markWithoutEffect({ at, values }: RestartMark, changes: readonly ChangedLeaf[]): RestartMark {
  const unsteady = changes.slice(0, MOST_PATHS).filter(({ path, now }) => own(values, path) !== digestOf(now));
  return { at, values: { ...values, ...Object.fromEntries(unsteady.map(({ path }) => [path, ANY])) } };
}

function digestOf(value: unknown): string {
  return createHash('sha256')
    .update(value === undefined ? '' : JSON.stringify(value))
    .digest('hex')
    .slice(0, 12);
}
