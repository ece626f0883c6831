import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesApi, RequestOptions } from '../cluster/api';
import { ApiFailure } from '../cluster/api-failure';
import { apiPath } from '../cluster/api-path';
import { FIELD_MANAGER } from '../cluster/field-manager';
import { unlessNotFound } from '../cluster/unless-not-found';

/** The Lease of the process that restarts workloads. */
export interface LeaseOptions {
  readonly namespace: string;
  readonly name: string;
  /** The identity of the holder, unique for each process, such as the name of its pod. */
  readonly identity: string;
  /**
   * Seconds without a renewal after which another process takes over the Lease; a whole number of at least 3.
   *
   * @default 15
   */
  readonly durationSeconds?: number;
}

interface Lease {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly resourceVersion?: string };
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly acquireTime?: string;
    readonly renewTime?: string;
    readonly leaseTransitions?: number;
  };
}

/** The last observed state, and the time by the local clock since which it has been unchanged. */
interface Observed {
  readonly text: string;
  readonly since: number;
}

const API_VERSION = 'coordination.k8s.io/v1';
const CONFLICT = 409;
const DEFAULT_SECONDS = 15;

export interface Leading {
  /** Receives a signal that fires when the Lease is lost. Called again when the Lease is regained. */
  readonly work: (lost: AbortSignal) => Promise<void>;
  /** Receives the current holder when it changes. */
  readonly onWait: (holder: string) => void;
  /** Called when the Lease is lost. */
  readonly onLoss: () => void;
  /** Called when the Lease temporarily cannot be read or written, once for each message. */
  readonly onTrouble: (message: string) => void;
  /** Ends the wait for the Lease. */
  readonly until: AbortSignal;
}

/**
 * Runs the work while this process holds the Lease, by the rules of Kubernetes' own controllers: a leader renews the
 * Lease three times within its duration. Others take it if it has been unchanged for its whole duration by their own
 * clock, so that clocks need not be synchronized.
 *
 * @param api must stay open after `until`, so that the Lease can be released
 * @throws ApiFailure if reading or writing the Lease is not permitted; errors of the work
 * @see https://kubernetes.io/docs/concepts/architecture/leases/
 */
export async function whileLeading(api: KubernetesApi, lease: LeaseOptions, leading: Leading): Promise<void> {
  const elector = new Elector(api, lease);
  while (await elector.acquire(leading)) {
    const losing = new AbortController();
    const renewing = elector.renew(losing);
    try {
      await leading.work(losing.signal);
    } finally {
      renewing.stop();
      await renewing.ended;
      await elector.release();
    }
    if (!losing.signal.aborted) {
      return;
    }
    leading.onLoss();
  }
}

class Elector {
  private observed: Observed = { text: '', since: 0 };
  private readonly milliseconds: number;
  private hasAnswered = false;
  private trouble: string | undefined;

  constructor(
    private readonly api: KubernetesApi,
    private readonly lease: LeaseOptions,
  ) {
    this.milliseconds = (lease.durationSeconds ?? DEFAULT_SECONDS) * 1_000;
  }

  /**
   * @returns false if the signal fired first
   * @throws ApiFailure if the first attempt is not permitted
   */
  async acquire({ onWait, onTrouble, until }: Leading): Promise<boolean> {
    let told: string | undefined;
    while (!until.aborted) {
      try {
        const holder = await this.tryToHold();
        this.hasAnswered = true;
        if (holder === undefined) {
          return true;
        }
        if (holder !== told && holder !== this.lease.identity) {
          told = holder;
          onWait(holder);
        }
      } catch (error) {
        if (!this.hasAnswered && error instanceof ApiFailure && error.deniedByRbac) {
          throw error;
        }
        const { message } = error as Error;
        if (message !== this.trouble) {
          this.trouble = message;
          onTrouble(message);
        }
      }
      await sleep(this.milliseconds / 5, undefined, { signal: until }).catch(() => undefined);
    }
    return false;
  }

  /**
   * Renews the Lease. Fires the signal if another process holds it, or if two thirds of its duration have passed since
   * the start of the last successful renewal, even during a request.
   */
  renew(losing: AbortController): { readonly stop: () => void; readonly ended: Promise<void> } {
    const stopping = new AbortController();
    const over = AbortSignal.any([stopping.signal, losing.signal]);
    const lose = () => {
      losing.abort();
    };
    let deadline = setTimeout(lose, (this.milliseconds * 2) / 3);
    const isOver = () => over.aborted;
    const run = async () => {
      while (!isOver()) {
        await sleep(this.milliseconds / 3, undefined, { signal: over }).catch(() => undefined);
        const began = performance.now();
        const holder = isOver() ? undefined : await this.tryToHold().catch(() => this.lease.identity);
        if (isOver()) {
          break;
        }
        if (holder === undefined) {
          clearTimeout(deadline);
          deadline = setTimeout(lose, (this.milliseconds * 2) / 3 - (performance.now() - began));
        } else if (holder !== this.lease.identity) {
          lose();
        }
      }
      clearTimeout(deadline);
    };
    const stop = () => {
      stopping.abort();
    };
    return { stop, ended: run() };
  }

  /** Releases the Lease if this process still holds it. */
  async release(): Promise<void> {
    try {
      const current = await this.read();
      if (current?.spec?.holderIdentity === this.lease.identity) {
        await this.write({ ...current, spec: { ...current.spec, holderIdentity: '', leaseDurationSeconds: 1 } });
      }
    } catch {
      // The Lease expires anyway.
    }
  }

  /** @returns the holder; undefined for this process */
  private async tryToHold(): Promise<string | undefined> {
    const current = await this.read();
    const { identity } = this.lease;
    const { holderIdentity: holder = '', leaseTransitions = 0, acquireTime } = current?.spec ?? {};
    const text = JSON.stringify(current?.spec ?? {});
    if (text !== this.observed.text) {
      this.observed = { text, since: performance.now() };
    }
    const duration = (current?.spec?.leaseDurationSeconds ?? 0) * 1_000;
    if (holder !== '' && holder !== identity && performance.now() - this.observed.since < duration) {
      return holder;
    }
    const now = new Date().toISOString().replace('Z', '000Z');
    const spec = {
      // Keeps fields that a newer version has written.
      ...current?.spec,
      holderIdentity: identity,
      leaseDurationSeconds: this.milliseconds / 1_000,
      renewTime: now,
      acquireTime: holder === identity ? (acquireTime ?? now) : now,
      leaseTransitions: leaseTransitions + (holder === identity || current === undefined ? 0 : 1),
    };
    try {
      await this.write(current ? { ...current, spec } : { metadata: this.metadata, spec });
      return undefined;
    } catch (error) {
      if (error instanceof ApiFailure && error.status === CONFLICT) {
        return holder || 'another process';
      }
      throw error;
    }
  }

  private get metadata(): Lease['metadata'] {
    const { namespace, name } = this.lease;
    return { namespace, name };
  }

  private read(): Promise<Lease | undefined> {
    const path = apiPath({ apiVersion: API_VERSION, resource: 'leases', ...this.metadata });
    return unlessNotFound(this.api.request(path, this.limits) as Promise<Lease>);
  }

  /** A longer renewal would be too late. */
  private get limits(): Pick<RequestOptions, 'attempts' | 'timeLimitSeconds'> {
    return { attempts: 1, timeLimitSeconds: this.milliseconds / 3_000 };
  }

  private async write(lease: Lease): Promise<void> {
    const { namespace } = this.lease;
    const exists = lease.metadata.resourceVersion !== undefined;
    const at = exists ? this.metadata : { namespace };
    const path = apiPath({ apiVersion: API_VERSION, resource: 'leases', ...at });
    const body = { apiVersion: API_VERSION, kind: 'Lease', ...lease };
    const method = exists ? 'PUT' : 'POST';
    await this.api.request(path, { ...this.limits, method, body, query: { fieldManager: FIELD_MANAGER } });
  }
}
