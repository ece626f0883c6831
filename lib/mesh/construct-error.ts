import type { IConstruct } from 'constructs';

/**
 * One error for all problems with a construct's props: one line per problem, each starting with the construct's class
 * and path.
 */
export function constructError(construct: IConstruct, ...problems: readonly string[]): Error {
  return new Error(problems.map((problem) => `${describe(construct)}: ${problem}`).join('\n'));
}

/** Throws {@link constructError} if there is a problem. */
export function throwProblems(construct: IConstruct, problems: readonly string[]): void {
  if (problems.length > 0) throw constructError(construct, ...problems);
}

/** The construct's class and path, with which messages begin; an App has no path. */
export function describe({ constructor, node }: IConstruct): string {
  return node.path === '' ? constructor.name : `${constructor.name} ${node.path}`;
}
