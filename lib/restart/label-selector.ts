import type { LabelSelector, StringMap } from './kubernetes/objects';

/** Whether the labels match, by the API server's own rules; no selector, or an empty one, matches all. */
export function matches(selector: LabelSelector | undefined, labels: StringMap): boolean {
  const equal = Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  return (
    equal &&
    (selector?.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
      const value = labels[key];
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

/** The selector as the API server takes it in a query. */
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
