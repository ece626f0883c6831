import type { IConstruct } from 'constructs';

/**
 * One error for all that is wrong with a construct's props: a line per problem, each starting with the construct's
 * class and path.
 */
export function constructError(construct: IConstruct, ...problems: readonly string[]): Error {
  return new Error(problems.map((problem) => `${describe(construct)}: ${problem}`).join('\n'));
}

/** Throws {@link constructError} when there is a problem. */
export function throwProblems(construct: IConstruct, problems: readonly string[]): void {
  if (problems.length > 0) throw constructError(construct, ...problems);
}

/** The construct's class and path, as messages begin; an App has no path. */
export function describe({ constructor, node }: IConstruct): string {
  return node.path === '' ? constructor.name : `${constructor.name} ${node.path}`;
}
