import { objectNameProblem } from '../object-name';

/** A provider of secrets that istiod or the proxy's agent knows by a scheme, such as `sds://NAME`. */
const BY_SCHEME = /^[a-z][-a-z]*:\/\/[^\s/]+(\/[^\s/]+)*$/;

/** The problem with the name of an object that another one refers to; or nothing. */
export function objectReferenceProblem(what: string, name: string): string[] {
  return objectNameProblem(name).length === 0
    ? []
    : [`${what} '${name}' is not an object's name: write lower-case letters, digits, hyphens and dots`];
}

/** The problem with the name of a Secret, or with another source of certificates that a scheme tells; or nothing. */
export function credentialProblem(what: string, name: string): string[] {
  return BY_SCHEME.test(name) ? [] : objectReferenceProblem(what, name);
}
