const NAME = /^[A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?$/;
const PREFIX = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Labels of Kubernetes objects: a value for each key. */
export type Labels = Readonly<Record<string, string>>;

/** What is wrong with labels, one sentence each. */
export function labelProblems(what: string, labels: Labels): string[] {
  return Object.entries(labels)
    .filter(([key, value]) => !isQualifiedName(key) || !(value === '' || NAME.test(value)))
    .map(
      ([key, value]) =>
        `${what} { ${key}: '${value}' } is not a label: write at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit`,
    );
}

/** What is wrong with annotations, one sentence each: keys as those of labels, in either case; their values are free. */
export function annotationProblems(what: string, annotations: Readonly<Record<string, string>>): string[] {
  return Object.keys(annotations)
    .filter((key) => !isQualifiedName(key.toLowerCase()))
    .map(
      (key) =>
        `${what} '${key}' is not the key of an annotation: write at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit, behind a domain name and '/' if there is one`,
    );
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
