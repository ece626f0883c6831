import { ApiFailure } from '../cluster/api-failure';
import { RestartError } from '../restart-error';

/**
 * Determines in which namespaces the credentials may create pods, which dry runs require. The API server shows this by
 * refusing dry runs. The first dry run precedes all others. After a refusal, the first of each namespace precedes the
 * others there. Of the dry runs that are sent from then on, at most one per namespace is refused.
 */
export class DryRuns {
  private readonly first = new Map<string, Promise<void>>();
  private readonly denied = new Set<string>();

  /** The namespaces in which dry runs were refused, in a stable order. */
  get deniedIn(): readonly string[] {
    return [...this.denied].sort();
  }

  /**
   * @param ask sends a dry run
   * @returns undefined if it is not granted
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
      const lacking = cause instanceof ApiFailure ? cause.lacking : undefined;
      if (lacking?.verb === 'create' && lacking.on === 'pods') {
        this.denied.add(namespace);
        return undefined;
      }
      throw error;
    }
  }
}
