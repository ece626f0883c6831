const NAME = /^[A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?$/;
const PREFIX = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Labels of Kubernetes objects: a value for each key. */
export type Labels = Readonly<Record<string, string>>;

/** Labels from a manifest, in which their values may be of another type. */
type ReadLabels = Readonly<Record<string, unknown>>;

/** The problems with labels, one sentence each. */
export function labelProblems(what: string, labels: Labels): string[] {
  return Object.entries(labels)
    .filter(([key, value]) => !isQualifiedName(key) || !(value === '' || NAME.test(value)))
    .map(
      ([key, value]) =>
        `${what} { ${key}: '${value}' } is not a valid label: write at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit`,
    );
}

/**
 * The problems with annotations, one sentence each: keys follow the rules for label keys, but may have upper-case
 * prefixes; values may be any text.
 */
export function annotationProblems(what: string, annotations: Readonly<Record<string, string>>): string[] {
  return Object.keys(annotations)
    .filter((key) => !isQualifiedName(key.toLowerCase()))
    .map(
      (key) =>
        `${what} '${key}' is not a valid annotation key: write at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit, after an optional domain name and '/'`,
    );
}

/** Whether labels include all labels of a selector. */
export function hasLabels(labels: ReadLabels, selector: ReadLabels): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

/** Whether an object can have all labels of two selectors, because they name no label with different values. */
export function canMatchBoth(one: ReadLabels, other: ReadLabels): boolean {
  return Object.entries(one).every(([key, value]) => (other[key] ?? value) === value);
}

/** Labels as they are written in TypeScript, for messages. */
export function showLabels(labels: Labels): string {
  return `{ ${Object.entries(labels)
    .map(([key, value]) => `${key}: '${value}'`)
    .join(', ')} }`;
}

function isQualifiedName(key: string): boolean {
  const slash = key.indexOf('/');
  return slash < 0 ? NAME.test(key) : PREFIX.test(key.slice(0, slash)) && NAME.test(key.slice(slash + 1));
}
