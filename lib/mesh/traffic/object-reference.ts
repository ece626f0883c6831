import { objectNameProblem } from '../object-name';

/** The problem with the name of an object that another one refers to, such as a Secret; or nothing. */
export function objectReferenceProblem(what: string, name: string): string[] {
  return objectNameProblem(name).length === 0
    ? []
    : [`${what} '${name}' is not an object's name: write lower-case letters, digits, hyphens and dots`];
}
