import { coversHost } from '../../mesh/host-matching';

/** Values by host: full names, or wildcards such as `*.example.com`. */
export class HostIndex<T> {
  private readonly exact = new Map<string, T[]>();
  private readonly wildcards: (readonly [host: string, value: T])[] = [];

  constructor(readonly all: readonly (readonly [host: string, value: T])[]) {
    for (const [host, value] of all) {
      const known = this.exact.get(host);
      if (host.startsWith('*')) this.wildcards.push([host, value]);
      else if (known) known.push(value);
      else this.exact.set(host, [value]);
    }
  }

  /** All values for a host, those with its exact name first. */
  of(host: string): readonly T[] {
    const wide = this.wildcards.filter(([wildcard]) => coversHost(wildcard, host)).map(([, value]) => value);
    return [...(this.exact.get(host) ?? []), ...wide];
  }
}
