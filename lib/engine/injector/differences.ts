import { own } from '../cluster/own';
import { same } from '../cluster/same';
import { eachChange, fieldNames, type FieldPair, type Fields } from './each-change';
import { fromJson } from './from-json';
import { SHOWN_SETTINGS, type Rule } from './shown-settings';
import { isNamed, NOT_SHOWN, readAs, ruleOf, shownItems, shownText } from './shown-text';
import type { Sidecar } from './sidecar';

/** One difference between two sidecars: the reason for a restart, for people. */
export interface Difference {
  /** The path, such as `istio-proxy.image` or `istio-proxy.env.PROXY_CONFIG.concurrency`. */
  readonly path: string;
  /** The value in the pod; `(none)` if the injector adds it, `(not shown)` if Istio does not determine it. */
  readonly old: string;
  /** The value that the injector sets today; `(none)` if it removes it, `(not shown)` as above. */
  readonly new: string;
  /** The pods with this difference; undefined for all outdated pods of the workload. */
  readonly pods?: readonly string[];
}

const NONE = '(none)';
const HIDDEN = { old: NOT_SHOWN, new: NOT_SHOWN };
/** The shown length of a long value, and the part of it before the first difference. */
const SHOWN = { whole: 100, before: 20 };

/**
 * The differences between the sidecar in a pod and the one that it would get, by path, in a stable order. For lists,
 * only the differing items are shown; for long values, the part around the first difference; for values that Istio does
 * not determine, nothing.
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

/** The differences between two values of a configuration, by path, shown by the same rules. */
export function changes(path: string, old: unknown, now: unknown): Difference[] {
  const found: Difference[] = [];
  compare(configurationAt(path), old, now, found);
  return found;
}

/** A path in the compared values, and the rule for showing them. */
interface Place {
  readonly path: string;
  readonly rule: Rule | undefined;
}

function configurationAt(path: string): Place {
  return { path, rule: own<Rule>(SHOWN_SETTINGS, path) };
}

/** Compares objects, and the JSON objects that Istio stores in environment variables, field by field. */
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
        // The shown parts are equal, so the difference is in a part that is not shown.
        found.push({ path, ...(oldText === newText ? HIDDEN : shortened(oldText, newText)) });
      },
    },
    place,
    old,
    now,
  );
}

/** Fields with free-text keys form one difference, of which nothing is shown. */
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

/** Both lists without their common beginning and end. */
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

/** Long texts, from shortly before the first difference. */
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
