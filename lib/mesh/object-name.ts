const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const RULE = 'lower-case letters, digits and hyphens, starting and ending with a letter or digit';

/** The problem with a name that must be a DNS label (namespaces, subsets, ports), if any. */
export function labelNameProblem(what: string, name: string): string[] {
  return DNS_LABEL.test(name) ? [] : [`${what} '${name}' is not a valid name: write at most 63 ${RULE}`];
}

/** The problem with the `metadata.name` of an object that is named after its construct id, if any. */
export function objectNameProblem(name: string): string[] {
  return DNS_SUBDOMAIN.test(name)
    ? []
    : [`'${name}' is not a valid object name: use ${RULE} in the construct id, or set the prop name`];
}
