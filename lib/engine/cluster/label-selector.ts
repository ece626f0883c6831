import { own } from './own';
import type { LabelSelector, StringMap } from './objects';
import { isObjectName } from './object-name';
import { RestartError } from '../restart-error';

/** A parsed selector, with its original text. */
export interface WrittenSelector extends LabelSelector {
  readonly text: string;
}

type Requirement = NonNullable<LabelSelector['matchExpressions']>[number];

const NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const NAME_RULE = "up to 63 letters, digits, '-', '_' and '.', the first and the last a letter or digit";

/**
 * Parses a selector in kubectl's syntax: `app=cart,tier!=test,env in (dev,qa),zone notin (a),owned,!legacy`. An empty
 * selector matches everything.
 *
 * @throws RestartError `InvalidOption` that names the invalid part
 */
export function parseSelector(text: string): WrittenSelector {
  const parts = text.trim() === '' ? [] : text.split(/,(?![^(]*\))/).map((part) => part.trim());
  return { text: text.trim(), matchExpressions: parts.map((part) => requirement(part, text)) };
}

function requirement(part: string, text: string): Requirement {
  const [, not, key = '', equality, value = '', set, list = ''] =
    /^(?:(!)\s*)?([^\s!=,()]+)(?:\s*(==?|!=)\s*([^=!]*)|\s+(in|notin)\s*\(([^()]*)\))?$/.exec(part) ?? [];
  const refuse = (what: string, remedy: string) =>
    new RestartError('InvalidOption', `The selector '${text}' cannot be read: ${what}`, { remedy });
  if (!key || (not && (equality ?? set))) {
    throw part === ''
      ? refuse('there is nothing before or after one of its commas', 'remove that comma')
      : refuse(
          `its part '${part}' is not a requirement on a label`,
          'write parts such as app=cart, tier!=test, env in (dev,qa), zone notin (a,b), owned or !legacy',
        );
  }
  const values = set ? list.split(',').map((one) => one.trim()) : equality ? [value] : [];
  const [name = '', ...prefix] = key.split('/').reverse();
  if (!NAME.test(name) || prefix.length > 1 || !prefix.every(isObjectName)) {
    throw refuse(
      `'${key}' in its part '${part}' is not a valid label key`,
      `write ${NAME_RULE}, optionally with a DNS name and '/' in front`,
    );
  }
  const wrong = values.find((one) => one !== '' && !NAME.test(one));
  if (wrong !== undefined) {
    throw refuse(`'${wrong}' in its part '${part}' is not a valid label value`, `write ${NAME_RULE}`);
  }
  if (values.length === 0) {
    return { key, operator: not ? 'DoesNotExist' : 'Exists' };
  }
  return { key, operator: equality === '!=' || set === 'notin' ? 'NotIn' : 'In', values };
}

/** Whether the labels match, by the API server's rules. A missing or empty selector matches everything. */
export function matches(selector: LabelSelector | undefined, labels: StringMap): boolean {
  const equal = Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => own(labels, key) === value);
  return (
    equal &&
    (selector?.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
      const value = own(labels, key);
      switch (operator) {
        case 'In':
          return value !== undefined && values.includes(value);
        case 'NotIn':
          return value === undefined || !values.includes(value);
        case 'Exists':
          return value !== undefined;
        default:
          return value === undefined;
      }
    })
  );
}

/** The selector as a query parameter for the API server. */
export function selectorQuery({ matchLabels = {}, matchExpressions = [] }: LabelSelector = {}): string {
  return [
    ...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
    ...matchExpressions.map(({ key, operator, values = [] }) => {
      switch (operator) {
        case 'In':
          return `${key} in (${values.join(',')})`;
        case 'NotIn':
          return `${key} notin (${values.join(',')})`;
        case 'Exists':
          return key;
        default:
          return `!${key}`;
      }
    }),
  ].join(',');
}

/** The fewest labels that match the selector. */
export function matchingLabels(selector: LabelSelector | undefined): Record<string, string> {
  const labels: Record<string, string> = { ...selector?.matchLabels };
  for (const { key, operator, values = [] } of selector?.matchExpressions ?? []) {
    if (operator === 'In' || operator === 'Exists') {
      labels[key] ??= values[0] ?? 'true';
    }
  }
  return labels;
}
