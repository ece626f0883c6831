import { RestartError } from '../restart-error';
import { ApiFailure, TIMEOUT } from './api-failure';
import { causeText } from './cause-text';
import { collectAnswer, type Answer } from './collect-answer';
import { connect, type Connection } from './connection';
import type { ClusterOptions } from './kubeconfig/cluster-access';
import type { AnswerReader } from './answer-reader';
import type { ArrayTexts } from './list-items';
import { failureIn } from './failure-in';
import { isObject } from './is-object';
import { ListPage } from './list-page';
import { own } from './own';
import { ServerClock } from './server-clock';
import { unlessNotFound } from './unless-not-found';
import { LONGEST_TIMER_MILLISECONDS, TimeUp, withinLimits, type Limits } from './within-limits';
import type { KubernetesObject } from './objects';

export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  /**
   * The maximum number of attempts if the connection or the API server fails.
   *
   * @default 6
   */
  readonly attempts?: number;
  /**
   * Whether the request fails with status 504 and reason `Timeout` if it is not answered in time. For requests that may
   * be slow themselves, so that a retry would not help.
   *
   * @default false - the request is retried
   */
  readonly failsLate?: boolean;
  /**
   * The time limit of one attempt, in seconds.
   *
   * @default - `requestTimeoutSeconds` of the connection
   */
  readonly timeLimitSeconds?: number;
}

export interface ApiOptions extends ClusterOptions {
  /** Stops before the next request, and aborts the current one. */
  readonly signal?: AbortSignal;
  /**
   * The time limit of one request, in seconds, after which it is retried.
   *
   * @default 30
   */
  readonly requestTimeoutSeconds?: number;
}

/** Which items of a collection to read, and which parts of them. */
export interface ListOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Reads items without `spec` and `status`. */
  readonly metadataOnly?: boolean;
  /** Reads items with `metadata.managedFields`, which is empty by default. */
  readonly managedFields?: boolean;
  /** Arrays to omit, such as `status.conditions`. They are empty in the items. */
  readonly omitted?: readonly string[];
  /** Arrays to pass as JSON text in addition to the item, such as `spec.containers`. They are empty in the items. */
  readonly asText?: readonly string[];
}

const ATTEMPTS = 6;
/** Accepts a list whose items contain only metadata. */
export const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
const PAGE = 500;
const PASSING = new Set([429, 502, 503, 504]);
/** The share of a request's time limit after which the API server answers that it timed out. */
const SERVER_SHARE = 0.8;

/**
 * The requests that the engine makes, over one pool of kept-alive connections.
 *
 * Answers are plain JSON, not instances of client classes: each page of pods is reduced to small records and dropped.
 * Every request is safe to repeat. Dropped connections, incomplete answers, 429 and failures of the API server itself
 * are retried with increasing pauses.
 */
export class KubernetesApi {
  readonly clock = new ServerClock();

  private constructor(
    private readonly connection: Connection,
    private readonly options: ApiOptions,
  ) {}

  /** @throws RestartError `KubeconfigInvalid`, `Aborted` */
  static async open(options: ApiOptions = {}): Promise<KubernetesApi> {
    try {
      return new KubernetesApi(await withinLimits(limitsOf(options), (signal) => connect(options, signal)), options);
    } catch (error) {
      refuseAborted(options);
      throw error;
    }
  }

  /** The same connection, for requests that this signal ends as well. */
  until(signal: AbortSignal): KubernetesApi {
    const ends = AbortSignal.any([signal, ...(this.options.signal ? [this.options.signal] : [])]);
    return new KubernetesApi(this.connection, { ...this.options, signal: ends });
  }

  get context(): string {
    return this.connection.context;
  }

  close(): void {
    this.connection.close();
  }

  /** @throws RestartError `Aborted` if the caller's signal has fired */
  checkAborted(): void {
    refuseAborted(this.options);
  }

  /** Pauses until the time is up or the caller's signal fires. */
  async pause(milliseconds: number): Promise<void> {
    this.checkAborted();
    const { signal } = this.options;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      signal?.addEventListener('abort', done);
    });
    this.checkAborted();
  }

  async get<T>(path: string): Promise<T> {
    return (await this.request(path)) as T;
  }

  /** Reads the object from the API server's cache, which is much cheaper than etcd, but may be slightly out of date. */
  async getCached<T>(path: string): Promise<T> {
    return (await this.request(path, { query: { resourceVersion: '0' } })) as T;
  }

  /** The object; undefined if it does not exist or its kind is not served. */
  async find<T>(path: string): Promise<T | undefined> {
    return unlessNotFound(this.get<T>(path));
  }

  /**
   * Reads a collection page by page. Starts over if the list has expired between two pages (410 Gone). Items are read
   * while their page arrives, and then dropped.
   *
   * @param read converts an item to the record to keep
   */
  async list<T, R>(path: string, read: (item: T, arrays: ArrayTexts) => R, options: ListOptions = {}): Promise<R[]> {
    for (let restarts = 0; ; restarts++) {
      try {
        return await this.listOnce(path, read, options);
      } catch (error) {
        if (!(error instanceof ApiFailure && error.status === 410 && restarts < 3)) {
          throw error;
        }
      }
    }
  }

  private async listOnce<T, R>(
    path: string,
    read: (item: T, arrays: ArrayTexts) => R,
    options: ListOptions,
  ): Promise<R[]> {
    const { labelSelector, fieldSelector, metadataOnly, managedFields, omitted = [], asText = [] } = options;
    const unparsed = {
      omitted: new Set([...(managedFields ? [] : ['metadata.managedFields']), ...omitted]),
      asText: new Set(asText),
    };
    const accept = metadataOnly ? METADATA_ONLY : 'application/json';
    const filters = { ...(labelSelector ? { labelSelector } : {}), ...(fieldSelector ? { fieldSelector } : {}) };
    const start = (token: string) =>
      new ListPage(
        async (items) => {
          const query = { limit: PAGE, ...filters, ...(token ? { continue: token } : {}) };
          const list = await this.request(path, { query, accept }, items);
          return has(list, 'items', (value) => value === null || Array.isArray(value))
            ? list
            : this.unexpected(`GET ${path} is not a list`);
        },
        { unparsed, read: (text, arrays) => read(JSON.parse(text) as T, arrays) },
      );
    const kept: R[] = [];
    for (let page = start(''); ;) {
      // The API server prepares the next page while this one is transferred.
      const ahead = await page.ahead;
      const following = ahead ? start(ahead) : undefined;
      const { items, next } = await page.whole;
      for (const item of items) {
        kept.push(item);
      }
      if (!next) {
        return kept;
      }
      // If the page was read again after a failure, its token may differ from the one that was used to read ahead.
      page = following && ahead === next ? following : start(next);
    }
  }

  /**
   * Creates the object with `dryRun=All`: admission runs, but nothing is stored.
   *
   * @throws ApiFailure, with `isLate` if admission takes too long
   */
  async dryRunCreate<T extends KubernetesObject>(path: string, object: unknown): Promise<T> {
    const milliseconds = Math.min(secondsOf(this.options) * SERVER_SHARE * 1000, LONGEST_TIMER_MILLISECONDS);
    const timeout = `${String(Math.ceil(milliseconds))}ms`;
    const query = { dryRun: 'All', timeout };
    const created = await this.request(path, { method: 'POST', query, body: object, failsLate: true });
    return has(created, 'metadata', isObject) && has(created, 'spec', isObject)
      ? (created as T)
      : this.unexpected(`POST ${path} is not the object that was to be created`);
  }

  /**
   * Returns when the API server answers, even with a refusal.
   *
   * @throws RestartError `ClusterUnreachable`, and ApiFailure of the API server itself
   */
  async awaitAnswer(): Promise<void> {
    try {
      await this.request('/version');
    } catch (error) {
      if (!(error instanceof ApiFailure) || error.isOfServer) {
        throw error;
      }
    }
  }

  /**
   * Sends a JSON merge patch. It never creates an object. With `metadata.uid`, it never changes another object of the
   * same name.
   */
  mergePatch<T>(path: string, patch: unknown, fieldManager: string): Promise<T> {
    return this.patch(path, 'merge-patch', patch, fieldManager);
  }

  /**
   * Sends a strategic merge patch, which merges lists such as a pod's containers by name.
   *
   * @see https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/
   */
  strategicMergePatch<T>(path: string, patch: unknown, fieldManager: string): Promise<T> {
    return this.patch(path, 'strategic-merge-patch', patch, fieldManager);
  }

  private async patch<T>(path: string, type: string, body: unknown, fieldManager: string): Promise<T> {
    const contentType = `application/${type}+json`;
    return (await this.request(path, { method: 'PATCH', query: { fieldManager }, contentType, body })) as T;
  }

  /**
   * @param items creates a reader for the items of a list, for each attempt; the answer is then the list without its
   * items
   * @throws ApiFailure for a refusal by the API server
   * @throws RestartError `ClusterUnreachable`, `Aborted`, `UnexpectedAnswer`
   */
  async request(path: string, options: RequestOptions = {}, items?: () => AnswerReader): Promise<unknown> {
    const what = `${options.method ?? 'GET'} ${path}`;
    const { attempts = ATTEMPTS } = options;
    let renewed = false;
    for (let attempt = 1; ; attempt++) {
      this.checkAborted();
      const sentAt = Date.now();
      let answer: Answer;
      try {
        const limits = limitsOf({ ...this.options, ...given(options) });
        answer = await withinLimits(limits, (signal) => this.send(path, options, signal, items));
      } catch (cause) {
        this.checkAborted();
        if (cause instanceof RestartError) {
          throw cause;
        }
        if (options.failsLate && cause instanceof TimeUp) {
          throw new ApiFailure(504, TIMEOUT, cause.message, what);
        }
        if (attempt >= attempts) {
          throw new RestartError(
            'ClusterUnreachable',
            `The API server ${this.connection.server.origin} (context "${this.context}") cannot be reached: ${causeText(cause)} (${what})`,
            { remedy: 'check the kubeconfig, the context and the network', cause },
          );
        }
        await this.pause(backOff(attempt));
        continue;
      }
      this.clock.hear(answer.date);
      if (answer.status >= 400) {
        const refusal = failureIn(answer, what);
        if (refusal.status === 401 && !renewed && this.connection.renew(sentAt)) {
          renewed = true;
          continue;
        }
        const isFinal = (options.failsLate && refusal.isLate) || refusal.isOfBudget;
        if (isFinal || attempt >= attempts || !(PASSING.has(refusal.status) || refusal.isOfServer)) {
          throw refusal;
        }
        await this.pause(answer.retryAfter ? Math.min(Number(answer.retryAfter) || 1, 30) * 1000 : backOff(attempt));
        continue;
      }
      try {
        if (answer.failure) {
          throw answer.failure;
        }
        return JSON.parse(answer.body) as unknown;
      } catch (cause) {
        if (!(cause instanceof SyntaxError)) {
          throw cause;
        }
        // A proxy may pass on an incomplete answer as if it were complete.
        if (attempt >= attempts || !answer.body.startsWith('{')) {
          this.unexpected(`${what} is not JSON`, cause);
        }
        await this.pause(backOff(attempt));
      }
    }
  }

  /** For answers of other servers or proxies. Reading such an answer as an empty list would hide all objects. */
  private unexpected(what: string, cause?: unknown): never {
    throw new RestartError('UnexpectedAnswer', `The API server's answer to ${what}`, {
      remedy: `check that ${this.connection.server.origin} is a Kubernetes API server`,
      cause,
    });
  }

  private async send(
    path: string,
    options: RequestOptions,
    signal: AbortSignal,
    items?: () => AnswerReader,
  ): Promise<Answer> {
    const { server, transport } = this.connection;
    const url = new URL(server.pathname.replace(/\/$/, '') + path, server);
    for (const [name, value] of Object.entries(options.query ?? {})) {
      url.searchParams.set(name, String(value));
    }
    const body = options.body === undefined ? undefined : JSON.stringify(options.body);
    const { agent, headers: authentication } = await this.connection.access(signal);
    const headers = {
      accept: options.accept ?? 'application/json',
      'user-agent': 'istio-module',
      ...(body === undefined
        ? {}
        : { 'content-type': options.contentType ?? 'application/json', 'content-length': Buffer.byteLength(body) }),
      ...authentication,
    };
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const request = transport.request(
        { ...this.connection.target(url), method: options.method ?? 'GET', agent, headers },
        (response) => {
          collectAnswer(response, items).then(resolve, reject);
        },
      );
      signal.addEventListener('abort', () => request.destroy(signal.reason as Error));
      request.on('error', reject);
      request.end(body);
    });
  }
}

function secondsOf({ requestTimeoutSeconds = 30 }: ApiOptions): number {
  return requestTimeoutSeconds;
}

function given({ timeLimitSeconds }: RequestOptions): Pick<ApiOptions, 'requestTimeoutSeconds'> {
  return timeLimitSeconds === undefined ? {} : { requestTimeoutSeconds: timeLimitSeconds };
}

function limitsOf(options: ApiOptions): Limits {
  return { signal: options.signal, seconds: secondsOf(options) };
}

function refuseAborted({ signal }: ApiOptions): void {
  if (signal?.aborted) {
    throw new RestartError('Aborted', 'Stopped on request', { remedy: 'run again to continue' });
  }
}

function has(answer: unknown, key: string, is: (value: unknown) => boolean): boolean {
  return isObject(answer) && is(own(answer, key));
}

function backOff(attempt: number): number {
  return Math.min(200 * 2 ** (attempt - 1), 5_000);
}
