import { own } from '../cluster/own';
import { same } from '../cluster/same';
import { fromJson, shownItems, shownText } from './redaction';
import type { Sidecar } from './sidecar';

/** One thing in which two sidecars differ: the reason for a restart, as a person reads it. */
export interface Difference {
  /** Where, such as `istio-proxy.image` or `istio-proxy.env.PROXY_CONFIG.concurrency`. */
  readonly path: string;
  /** What the pod has; `(none)` when the injector adds it. */
  readonly old: string;
  /** What the injector gives today; `(none)` when it no longer does. */
  readonly new: string;
  /** The pods that differ so; all of the workload's that are out of date when undefined. */
  readonly pods?: readonly string[];
}

const NONE = '(none)';
/** How much of a long value is shown, and how much of that is before the first difference. */
const SHOWN = { whole: 100, before: 20 };

/**
 * How the sidecar in a pod differs from the one it would get, path by path, in one order; empty when they are the same.
 * Of lists, only what differs is shown; of long values, where they begin to; of what a name suggests is secret, nothing.
 */
export function differences(running: Sidecar | undefined, current: Sidecar | undefined): Difference[] {
  if (!running || !current) {
    return running === current
      ? []
      : [{ path: 'sidecar', old: running ? imageOf(running) : NONE, new: current ? imageOf(current) : NONE }];
  }
  const found: Difference[] = [];
  compare('istio.io/rev', running.revision, current.revision, found);
  for (const name of union(running.containers, current.containers)) {
    const old = own(running.containers, name);
    const now = own(current.containers, name);
    if (!old || !now) {
      found.push({ path: name, old: old ? old.placement : NONE, new: now ? now.placement : NONE });
      continue;
    }
    compare(`${name}.placement`, old.placement, now.placement, found);
    compare(name, old.fields, now.fields, found);
  }
  compare('volumes', running.volumes, current.volumes, found);
  return found;
}

/** How two values of a configuration differ, path by path, with the same care for long and secret ones. */
export function changes(path: string, old: unknown, now: unknown): Difference[] {
  const found: Difference[] = [];
  compare(path, old, now, found);
  return found;
}

/** Objects, and the JSON texts of objects that Istio keeps in environment variables, are compared field by field. */
function compare(path: string, old: unknown, now: unknown, found: Difference[]): void {
  const [oldValue, newValue] = [fromJson(old), fromJson(now)];
  if (same(oldValue, newValue)) {
    return;
  }
  if (isObject(oldValue) && isObject(newValue)) {
    for (const key of union(oldValue, newValue)) {
      compare(`${path}.${key}`, own(oldValue, key), own(newValue, key), found);
    }
    return;
  }
  const [oldText, newText] =
    Array.isArray(oldValue) && Array.isArray(newValue)
      ? changedParts(path, oldValue, newValue)
      : [show(path, oldValue), show(path, newValue)];
  found.push({ path, ...shortened(oldText, newText) });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Both lists without what they begin and end with in common. */
function changedParts(path: string, old: readonly unknown[], now: readonly unknown[]): [string, string] {
  const shorter = Math.min(old.length, now.length);
  let start = 0;
  while (start < shorter && same(old[start], now[start])) start += 1;
  let end = 0;
  while (end < shorter - start && same(old.at(-1 - end), now.at(-1 - end))) end += 1;
  const part = (list: readonly unknown[]) =>
    list.length > start + end ? shownItems(path, list, start, list.length - end) : NONE;
  return [part(old), part(now)];
}

/** Long texts from shortly before where they differ. */
function shortened(old: string, now: string): Pick<Difference, 'old' | 'new'> {
  if (Math.max(old.length, now.length) <= SHOWN.whole) {
    return { old, new: now };
  }
  let common = 0;
  while (common < old.length && old[common] === now[common]) common += 1;
  const start = common < SHOWN.whole - SHOWN.before ? 0 : common - SHOWN.before;
  const cut = (text: string) => {
    if (text === NONE || text.length <= SHOWN.whole - 2) return text;
    const end = start + SHOWN.whole - 2;
    return `${start > 0 ? '…' : ''}${text.slice(start, end)}${end < text.length ? '…' : ''}`;
  };
  return { old: cut(old), new: cut(now) };
}

function show(path: string, value: unknown): string {
  return value === undefined ? NONE : shownText(path, value).replaceAll('\n', '\\n');
}

function imageOf(sidecar: Sidecar): string {
  const image = sidecar.containers['istio-proxy']?.fields.image;
  return typeof image === 'string' ? image : 'istio-proxy';
}

function union(left: object, right: object): string[] {
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].sort();
}
