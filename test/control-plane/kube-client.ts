import { Agent as HttpAgent, request as httpRequest, type OutgoingHttpHeaders } from 'node:http';
import { Agent, request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

import { type Connection, connectionOf } from './kubeconfig';

/** A Kubernetes object; callers have to know its fields besides `metadata`. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly generation?: number;
  readonly resourceVersion?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly { kind: string; name: string; uid: string; controller?: boolean }[];
  readonly deletionTimestamp?: string;
  readonly managedFields?: readonly {
    manager: string;
    operation: string;
    fieldsV1?: Readonly<Record<string, object>>;
  }[];
  readonly [field: string]: unknown;
}

/** The fields that identify an object. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** An error response of the API server: its message, and its HTTP status code. */
export class ApiError extends Error {
  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

interface Resource {
  readonly name: string;
  readonly namespaced: boolean;
}

export interface ApplyOptions {
  /** @default 'control-plane' */
  readonly fieldManager?: string;
  /**
   * Take over fields that another manager owns.
   *
   * @default false
   */
  readonly force?: boolean;
  /** @default false */
  readonly dryRun?: boolean;
}

export interface WaitOptions {
  /** @default 180 seconds */
  readonly timeoutSeconds?: number;
}

/**
 * A small client of the Kubernetes API for tests; it shares only the reading of kubeconfigs with the code under test.
 */
export class KubeClient {
  /**
   * @param kubeconfig a file, or its content
   * @param context the context to use; without one, the current context
   */
  static async connect(kubeconfig: string | undefined, context?: string): Promise<KubeClient> {
    return new KubeClient(await connectionOf(kubeconfig, context));
  }

  private readonly agent: Agent | HttpAgent;
  private readonly resources = new Map<string, Promise<Map<string, Resource>>>();

  constructor(private readonly connection: Connection) {
    this.agent = connection.server.startsWith('https:')
      ? new Agent({ keepAlive: true, maxSockets: 16 })
      : new HttpAgent({ keepAlive: true, maxSockets: 16 });
  }

  /** Ends idle connections, so that the process can exit at once. */
  close(): void {
    this.agent.destroy();
  }

  /** @throws ApiError with code 404 when there is no such object */
  async get<T extends KubeObject = KubeObject>(reference: ObjectReference): Promise<T> {
    return this.send<T>('GET', await this.path(reference));
  }

  /** The object, or `undefined` if the object does not exist or its kind is unknown. */
  async find<T extends KubeObject = KubeObject>(reference: ObjectReference): Promise<T | undefined> {
    return unlessNotFound(() => this.get<T>(reference));
  }

  /** Objects of a kind, in one namespace or in all. */
  async list<T extends KubeObject = KubeObject>(
    apiVersion: string,
    kind: string,
    options: { readonly namespace?: string; readonly labelSelector?: string } = {},
  ): Promise<T[]> {
    const path = await this.collection(apiVersion, kind, options.namespace);
    const query =
      options.labelSelector === undefined ? '' : `?labelSelector=${encodeURIComponent(options.labelSelector)}`;
    const { items } = await this.send<{ items: T[] }>('GET', path + query);
    return items.map((item) => ({ ...item, apiVersion, kind }));
  }

  /** Server-side apply with strict field validation: unknown and duplicate fields are refused. */
  async apply<T extends KubeObject = KubeObject>(object: ObjectReference, options: ApplyOptions = {}): Promise<T> {
    const query = new URLSearchParams({
      fieldManager: options.fieldManager ?? 'control-plane',
      fieldValidation: 'Strict',
      force: String(options.force ?? false),
      ...(options.dryRun === true ? { dryRun: 'All' } : {}),
    });
    return this.send<T>(
      'PATCH',
      `${await this.path(object)}?${query.toString()}`,
      object,
      'application/apply-patch+yaml',
    );
  }

  /** Creates with strict field validation. */
  async create<T extends KubeObject = KubeObject>(object: ObjectReference, fieldManager = 'control-plane'): Promise<T> {
    const path = await this.collection(object.apiVersion, object.kind, object.metadata.namespace ?? 'default');
    return this.send<T>('POST', `${path}?fieldValidation=Strict&fieldManager=${fieldManager}`, object);
  }

  /** Merges `change` into the object, as `kubectl patch --type=merge` does. */
  async patch<T extends KubeObject = KubeObject>(
    reference: ObjectReference,
    change: object,
    subresource?: 'status' | 'scale',
  ): Promise<T> {
    const path = (await this.path(reference)) + (subresource === undefined ? '' : `/${subresource}`);
    return this.send<T>('PATCH', `${path}?fieldManager=control-plane`, change, 'application/merge-patch+json');
  }

  /** Deletes an object and what it owns; succeeds if the object does not exist. */
  async delete(reference: ObjectReference): Promise<void> {
    await unlessNotFound(async () => this.send('DELETE', `${await this.path(reference)}?propagationPolicy=Background`));
  }

  /** What a container has printed. */
  log(namespace: string, pod: string, container: string): Promise<string> {
    return this.sendFor(
      'GET',
      `/api/v1/namespaces/${namespace}/pods/${pod}/log?container=${container}`,
      (text) => text,
    );
  }

  /** Sends any request; `path` starts with `/api` or `/apis`. */
  async raw<T>(method: string, path: string, body?: object): Promise<T> {
    return this.send<T>(method, path, body);
  }

  /**
   * Reads the object until `predicate` holds; `undefined` stands for an object that does not exist.
   *
   * @throws Error naming the object, after the timeout
   */
  async waitFor(
    reference: ObjectReference,
    predicate: (object: KubeObject | undefined) => boolean,
    options: WaitOptions = {},
  ): Promise<void> {
    const { kind, metadata } = reference;
    await until(
      async () => predicate(await this.find(reference)),
      `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`,
      options,
    );
  }

  private async path(reference: ObjectReference): Promise<string> {
    const { apiVersion, kind, metadata } = reference;
    return `${await this.collection(apiVersion, kind, metadata.namespace ?? 'default')}/${metadata.name}`;
  }

  private async collection(apiVersion: string, kind: string, namespace?: string): Promise<string> {
    const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const resource = await this.resource(root, kind);
    const scope = resource.namespaced && namespace !== undefined ? `/namespaces/${namespace}` : '';
    return `${root}${scope}/${resource.name}`;
  }

  private async resource(root: string, kind: string): Promise<Resource> {
    const known = (await this.resources.get(root)?.catch(() => undefined))?.get(kind);
    if (known !== undefined) {
      return known;
    }
    // Kinds come and go with their CustomResourceDefinitions, so only kinds that were found are remembered.
    const discovery = this.discover(root);
    this.resources.set(root, discovery);
    const found = (await discovery).get(kind);
    if (found === undefined) {
      throw new ApiError(404, 'NotFound', `the API server knows no kind ${kind} under ${root}`);
    }
    return found;
  }

  private async discover(root: string): Promise<Map<string, Resource>> {
    const { resources } = await this.send<{ resources: (Resource & { kind: string })[] }>('GET', root);
    return new Map(resources.filter(({ name }) => !name.includes('/')).map((resource) => [resource.kind, resource]));
  }

  private send<T>(method: string, path: string, body?: object, contentType = 'application/json'): Promise<T> {
    return this.sendFor(method, path, (text) => JSON.parse(text) as T, body, contentType);
  }

  private sendFor<T>(
    method: string,
    path: string,
    read: (text: string) => T,
    body?: object,
    contentType = 'application/json',
  ): Promise<T> {
    const { server, options } = this.connection;
    const start = server.startsWith('https:') ? request : httpRequest;
    const headers = {
      ...(options.headers as OutgoingHttpHeaders),
      accept: 'application/json',
      'content-type': contentType,
    };
    return new Promise<T>((resolve, reject) => {
      const outgoing = start(server + path, { agent: this.agent, ...options, method, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('error', reject);
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const code = response.statusCode ?? 0;
          if (code >= 200 && code < 300) {
            resolve(read(text));
          } else {
            reject(refusal(code, text));
          }
        });
      });
      outgoing.setTimeout(60_000, () => outgoing.destroy(new Error(`no answer from ${server}${path} within 60 s`)));
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        // The API server may close an idle connection at the moment it is reused.
        if (outgoing.reusedSocket && error.code === 'ECONNRESET') {
          this.sendFor<T>(method, path, read, body, contentType).then(resolve, reject);
        } else {
          reject(error);
        }
      });
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

function refusal(code: number, text: string): ApiError {
  try {
    const status = JSON.parse(text) as { reason?: string; message?: string };
    return new ApiError(code, status.reason ?? '', status.message ?? text);
  } catch {
    return new ApiError(code, '', text);
  }
}

async function unlessNotFound<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApiError && error.code === 404) {
      return undefined;
    }
    throw error;
  }
}

/** Waits until pods can be created in a namespace, which takes a moment after the namespace is created. */
export async function serviceAccountIn(client: KubeClient, namespace: string): Promise<void> {
  const reference = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } };
  await client.waitFor(reference, (account) => account !== undefined);
}

/**
 * Checks a condition four times a second until it holds.
 *
 * @throws Error after the timeout, naming what was waited for, with the last failure as its cause
 */
export async function until(
  condition: () => Promise<boolean> | boolean,
  what: string,
  options: WaitOptions = {},
): Promise<void> {
  const seconds = options.timeoutSeconds ?? 180;
  const deadline = Date.now() + seconds * 1000;
  let cause: unknown;
  for (;;) {
    try {
      if (await condition()) {
        return;
      }
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (Date.now() > deadline) {
      throw new Error(`timed out after ${String(seconds)} s waiting for ${what}`, { cause });
    }
    await sleep(250);
  }
}
