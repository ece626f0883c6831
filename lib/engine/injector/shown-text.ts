import { isObject } from '../cluster/is-object';
import { own } from '../cluster/own';
import { fromJson } from './from-json';
import type { Rule } from './shown-settings';

/** Replaces a value that is not shown. */
export const NOT_SHOWN = '(not shown)';

/** The maximum length of a shown value. Longer values are not examined. */
const LONGEST = 255;
const NAME = /^[\w./:-]{1,100}$/;

/** The part of the value that the rule shows: a string unchanged, other values as JSON with sorted keys. */
export function shownText(rule: Rule | undefined, value: unknown): string {
  const part = shown(rule, value);
  return typeof part === 'string' ? part : JSON.stringify(part);
}

/** The items of the list from `from` to before `to`, as JSON. */
export function shownItems(rule: Rule | undefined, list: readonly unknown[], from: number, to: number): string {
  const items = list.slice(from, to).map((item, index) => shown(rule?.items?.(list, from + index), item));
  return items.every((item) => item === NOT_SHOWN) ? NOT_SHOWN : JSON.stringify(items);
}

/** Whether the key of a field is a name that may appear in the path of a difference. */
export function isNamed(key: string): boolean {
  return NAME.test(key);
}

/** Parses JSON text if the rule declares it; returns other values unchanged. */
export function readAs(rule: Rule | undefined, value: unknown): unknown {
  return rule?.isJson ? fromJson(value) : value;
}

export function ruleOf(rule: Rule | undefined, field: string): Rule | undefined {
  return own(rule?.fields ?? {}, field) ?? rule?.others;
}

function shown(rule: Rule | undefined, json: unknown): unknown {
  const value = readAs(rule, json);
  if (Array.isArray(value)) {
    const items = rule?.items;
    return items ? value.map((item, index) => shown(items(value, index), item)) : NOT_SHOWN;
  }
  if (isObject(value)) {
    return rule?.fields || rule?.others ? shownFields(rule, value) : NOT_SHOWN;
  }
  const text = String(value);
  return value === null || (text.length <= LONGEST && rule?.shape?.(text)) ? value : NOT_SHOWN;
}

function shownFields(rule: Rule, object: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(
    Object.keys(object)
      .sort()
      .map((key) => [isNamed(key) ? key : NOT_SHOWN, shown(ruleOf(rule, key), object[key])]),
  );
}
