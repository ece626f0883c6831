import { ApiFailure } from '../cluster/api-failure';
import { RestartError } from '../restart-error';

const OF_PODS = /^pods is forbidden: .*\bcannot create resource "pods"/s;

/**
 * Where the credentials may create pods, which dry runs take: in all namespaces, in some or in none. The API server tells by
 * its refusal. The first dry run goes ahead of all others, and once one is refused the first of each namespace does, so that
 * no more than one is refused there.
 */
export class DryRuns {
  private readonly first = new Map<string, Promise<void>>();
  private readonly denied = new Set<string>();

  /** The namespaces in which they were found not to be granted, in one order. */
  get deniedIn(): readonly string[] {
    return [...this.denied].sort();
  }

  /**
   * @param ask sends a dry run
   * @returns undefined where it is not granted
   */
  async ask<T>(namespace: string, ask: () => Promise<T>): Promise<{ readonly answer: T } | undefined> {
    const ofAll = this.first.get('');
    if (ofAll) {
      await ofAll;
    }
    const ofNamespace = this.first.get(namespace);
    if (ofNamespace && this.denied.size > 0) {
      await ofNamespace;
    }
    if (this.denied.has(namespace)) {
      return undefined;
    }
    const asked = this.attempt(namespace, ask);
    const settled = asked.then(
      () => undefined,
      () => undefined,
    );
    for (const whose of ofAll ? [namespace] : ['', namespace]) {
      this.first.set(whose, this.first.get(whose) ?? settled);
    }
    return asked;
  }

  private async attempt<T>(namespace: string, ask: () => Promise<T>): Promise<{ readonly answer: T } | undefined> {
    try {
      return { answer: await ask() };
    } catch (error) {
      const cause = error instanceof RestartError && error.code === 'Forbidden' ? error.cause : undefined;
      if (cause instanceof ApiFailure && OF_PODS.test(cause.message)) {
        this.denied.add(namespace);
        return undefined;
      }
      throw error;
    }
  }
}
