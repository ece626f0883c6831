import { own } from '../cluster/own';
import { same } from '../cluster/same';
import { eachChange, fieldNames, type FieldPair, type Fields } from './each-change';
import { fromJson } from './from-json';
import { SHOWN_SETTINGS, type Rule } from './shown-settings';
import { isNamed, NOT_SHOWN, readAs, ruleOf, shownItems, shownText } from './shown-text';
import type { Sidecar } from './sidecar';

/** One thing in which two sidecars differ: the reason for a restart, as a person reads it. */
export interface Difference {
  /** Where, such as `istio-proxy.image` or `istio-proxy.env.PROXY_CONFIG.concurrency`. */
  readonly path: string;
  /** What the pod has; `(none)` when the injector adds it, `(not shown)` where it is not Istio's to decide. */
  readonly old: string;
  /** What the injector gives today; `(none)` when it no longer does, `(not shown)` as above. */
  readonly new: string;
  /** The pods that differ so; all of the workload's that are out of date when undefined. */
  readonly pods?: readonly string[];
}

const NONE = '(none)';
const HIDDEN = { old: NOT_SHOWN, new: NOT_SHOWN };
/** How much of a long value is shown, and how much of that is before the first difference. */
const SHOWN = { whole: 100, before: 20 };

/**
 * How the sidecar in a pod differs from the one it would get, path by path, in one order; empty when they are the same.
 * Of lists, only what differs is shown; of long values, where they begin to; of what Istio does not decide, nothing.
 */
export function differences(running: Sidecar | undefined, current: Sidecar | undefined): Difference[] {
  if (!running || !current) {
    return running === current
      ? []
      : [{ path: 'sidecar', old: running ? imageOf(running) : NONE, new: current ? imageOf(current) : NONE }];
  }
  const found: Difference[] = [];
  compare(configurationAt('istio.io/rev'), running.revision, current.revision, found);
  for (const name of fieldNames(running.containers, current.containers)) {
    const old = own(running.containers, name);
    const now = own(current.containers, name);
    if (!old || !now) {
      found.push({ path: name, old: old ? old.placement : NONE, new: now ? now.placement : NONE });
      continue;
    }
    if (old.placement !== now.placement) {
      found.push({ path: `${name}.placement`, old: old.placement, new: now.placement });
    }
    compare({ path: name, rule: ruleOf(SHOWN_SETTINGS.containers, name) }, old.fields, now.fields, found);
  }
  compare(configurationAt('volumes'), running.volumes, current.volumes, found);
  return found;
}

/** How two values of a configuration differ, path by path, shown by the same rules. */
export function changes(path: string, old: unknown, now: unknown): Difference[] {
  const found: Difference[] = [];
  compare(configurationAt(path), old, now, found);
  return found;
}

/** A place in what is compared, and what is shown of the values there. */
interface Place {
  readonly path: string;
  readonly rule: Rule | undefined;
}

function configurationAt(path: string): Place {
  return { path, rule: own<Rule>(SHOWN_SETTINGS, path) };
}

/** Objects, and the JSON texts of objects that Istio keeps in environment variables, are compared field by field. */
function compare(place: Place, old: unknown, now: unknown, found: Difference[]): void {
  eachChange<Place>(
    {
      read: ({ rule }, value) => readAs(rule, value),
      fields: fieldsAt,
      onChange({ path, rule }, before, after) {
        const [oldText, newText] =
          Array.isArray(before) && Array.isArray(after)
            ? changedParts(rule, before, after)
            : [show(rule, before), show(rule, after)];
        // What both show is not what they differ in.
        found.push({ path, ...(oldText === newText ? HIDDEN : shortened(oldText, newText)) });
      },
    },
    place,
    old,
    now,
  );
}

/** Fields whose keys are free text are one difference together, of which nothing is shown. */
function fieldsAt({ path, rule }: Place, old: Fields, now: Fields): readonly FieldPair<Place>[] {
  const names = fieldNames(old, now);
  const others = names.filter((name) => !isNamed(name));
  const valuesIn = (object: Fields) => others.map((name) => fromJson(own(object, name)));
  return [
    ...names.filter(isNamed).map((name) => ({
      place: { path: `${path}.${name}`, rule: ruleOf(rule, name) },
      ...{ old: own(old, name), now: own(now, name) },
    })),
    { place: { path, rule: undefined }, old: valuesIn(old), now: valuesIn(now) },
  ];
}

/** Both lists without what they begin and end with in common. */
function changedParts(rule: Rule | undefined, old: readonly unknown[], now: readonly unknown[]): [string, string] {
  const shorter = Math.min(old.length, now.length);
  let start = 0;
  while (start < shorter && same(old[start], now[start])) start += 1;
  let end = 0;
  while (end < shorter - start && same(old.at(-1 - end), now.at(-1 - end))) end += 1;
  const part = (list: readonly unknown[]) =>
    list.length > start + end ? shownItems(rule, list, start, list.length - end) : NONE;
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

function show(rule: Rule | undefined, value: unknown): string {
  return value === undefined ? NONE : shownText(rule, value);
}

function imageOf(sidecar: Sidecar): string {
  const image = sidecar.containers['istio-proxy']?.fields.image;
  return typeof image === 'string' ? shownText(SHOWN_SETTINGS.sidecar, image) : 'istio-proxy';
}
