/** The problem with a host: a Service's name, or a domain name, which may start with `*`; or nothing. */
export function hostProblem(what: string, host: string): string[] {
  return /^(\*|(\*\.)?[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?)$/.test(host)
    ? []
    : [`${what} '${host}' is not a host: write a Service's name or a domain name, without port`];
}
