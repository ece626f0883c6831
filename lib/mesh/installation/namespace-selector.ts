import { labelProblems, type Labels } from '../labels';

/** A condition on one label of a namespace. */
export type NamespaceCondition =
  | { readonly key: string; readonly operator: 'In' | 'NotIn'; readonly values: readonly [string, ...string[]] }
  | { readonly key: string; readonly operator: 'Exists' | 'DoesNotExist'; readonly values?: undefined };

/**
 * A Kubernetes label selector for namespaces. All given conditions must hold.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */
export interface NamespaceSelector {
  /**
   * Labels that a namespace must have.
   *
   * @default - any
   */
  readonly matchLabels?: Labels;

  /**
   * Further conditions on the labels.
   *
   * @default - none
   */
  readonly matchExpressions?: readonly NamespaceCondition[];
}

/**
 * The problems with a list of selectors, one sentence each.
 *
 * @param at path of the list, for messages
 */
export function namespaceSelectorProblems(at: string, selectors: readonly NamespaceSelector[]): string[] {
  if (selectors.length === 0) {
    return [`${at} is empty, which Istio treats as all namespaces: write a selector, or leave it out`];
  }
  return selectors.flatMap(({ matchLabels = {}, matchExpressions = [] }, index) => {
    const place = `${at}[${String(index)}]`;
    if (Object.keys(matchLabels).length === 0 && matchExpressions.length === 0) {
      return [
        `${place} is empty and selects every namespace: write matchLabels or matchExpressions, or leave out ${at}`,
      ];
    }
    return [
      ...labelProblems(`${place}.matchLabels`, matchLabels),
      ...matchExpressions.flatMap(({ key, values }, which) =>
        (values ?? ['']).flatMap((value) =>
          labelProblems(`${place}.matchExpressions[${String(which)}]`, { [key]: value }),
        ),
      ),
    ];
  });
}

/** Whether one of the selectors selects a namespace with these labels. */
export function selectsNamespace(selectors: readonly NamespaceSelector[], labels: Labels): boolean {
  return selectors.some(
    ({ matchLabels = {}, matchExpressions = [] }) =>
      Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
      matchExpressions.every((condition) => holds(condition, labels[condition.key])),
  );
}

function holds(
  { operator, values }: { readonly operator: NamespaceCondition['operator']; readonly values?: readonly string[] },
  value: string | undefined,
): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values?.includes(value) === true;
    case 'NotIn':
      return value === undefined || values?.includes(value) !== true;
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}
