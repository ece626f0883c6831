const HOST = /^(?=.{1,255}$)(\*|(\*\.)?[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*)$/i;

/** The problem with a host: a Service's name, or a domain name, which may start with `*`; or nothing. */
export function hostProblem(what: string, host: string): string[] {
  return HOST.test(host)
    ? []
    : [`${what} '${host}' is not a host: write a Service's name or a domain name, without port`];
}
