const NAME = /^[A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?$/;
const PREFIX = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** What is wrong with the labels that select workloads, one sentence each. */
export function workloadProblems(workload: Readonly<Record<string, string>>): string[] {
  return Object.keys(workload).length === 0
    ? ['workload {} selects by no label: name at least one, or leave the prop out to cover the whole namespace']
    : labelProblems('workload', workload);
}

/** What of some labels is none, one sentence each. */
export function labelProblems(what: string, labels: Readonly<Record<string, string>>): string[] {
  return Object.entries(labels)
    .filter(([key, value]) => !isKey(key) || !(value === '' || NAME.test(value)))
    .map(
      ([key, value]) =>
        `${what} { ${key}: '${value}' } is not a label: write at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit`,
    );
}

/** Labels as they are written in TypeScript, for messages. */
export function showLabels(labels: Readonly<Record<string, string>>): string {
  return `{ ${Object.entries(labels)
    .map(([key, value]) => `${key}: '${value}'`)
    .join(', ')} }`;
}

function isKey(key: string): boolean {
  const slash = key.indexOf('/');
  return slash < 0 ? NAME.test(key) : PREFIX.test(key.slice(0, slash)) && NAME.test(key.slice(slash + 1));
}
