import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { ApiError, KubeClient, type KubeObject, type ObjectReference } from '../kube-client';
import {
  type ChangedPath,
  changedPaths,
  driftedInputs,
  isObject,
  isUnknown,
  type Json,
  type JsonObject,
  restrict,
} from './field-shape';
import { pending } from './rollout';

/** The object was applied, but does not do its work: Pulumi keeps it in its state and tries again. */
export class NotReadyError extends Error {
  constructor(
    message: string,
    readonly id: string,
    readonly outputs: JsonObject,
  ) {
    super(message);
    this.name = 'NotReadyError';
  }
}

export interface ResourceDiff {
  readonly changes: readonly ChangedPath[];
  /** The changed properties that make it another object. */
  readonly replaces: readonly string[];
}

export interface ResourceState {
  readonly id: string;
  readonly inputs: JsonObject;
  readonly outputs: JsonObject;
}

const defaultTimeoutSeconds = 300;

/** What the Kubernetes provider does with each resource, on server-side apply; without Pulumi's wire format. */
export class KubernetesProvider {
  private cancelled = false;

  private constructor(
    private readonly client: KubeClient,
    private readonly adoptsExisting: boolean,
  ) {}

  /** @param config the provider's configuration: `kubeconfig` (a file or its content), `context`, `upsertExistingObjects` */
  static async configure(config: JsonObject): Promise<KubernetesProvider> {
    const text = (name: string) => (typeof config[name] === 'string' && config[name] !== '' ? config[name] : undefined);
    const kubeconfig = text('kubeconfig') ?? process.env['KUBECONFIG'];
    if (kubeconfig === undefined) {
      throw new Error('the provider has no kubeconfig: set KUBECONFIG, or `kubeconfig` of the provider');
    }
    const client = await KubeClient.connect(kubeconfig, text('context'));
    return new KubernetesProvider(client, String(config['upsertExistingObjects']) === 'true');
  }

  /** Ends every wait. */
  cancel(): void {
    this.cancelled = true;
  }

  /** The inputs without what only the SDK knows of, and with a name. */
  check(resourceName: string, before: JsonObject, inputs: JsonObject): JsonObject {
    const own = Object.fromEntries(Object.entries(inputs).filter(([key]) => !key.startsWith('__')));
    delete own['status'];
    const metadata = isObject(own['metadata']) ? own['metadata'] : {};
    const oldMetadata = isObject(before['metadata']) ? before['metadata'] : {};
    const name = metadata['name'] ?? oldMetadata['name'] ?? `${resourceName}-${randomBytes(4).toString('hex')}`;
    return { ...own, metadata: { ...metadata, name } };
  }

  diff(before: JsonObject, inputs: JsonObject): ResourceDiff {
    const identity = (object: JsonObject, key: string): Json => {
      const metadata = isObject(object['metadata']) ? object['metadata'] : {};
      return (key === 'apiVersion' || key === 'kind' ? object[key] : metadata[key]) ?? null;
    };
    const group = (apiVersion: Json) =>
      typeof apiVersion === 'string' ? apiVersion.replace(/\/?[^/]*$/, '') : apiVersion;
    const replaces = ['kind', 'name', 'namespace', 'apiVersion'].filter((key) => {
      const [old, now] = [identity(before, key), identity(inputs, key)];
      const same = key === 'apiVersion' ? group(old) === group(now) : old === now;
      return !same && !isUnknown(now);
    });
    return {
      changes: changedPaths(before, inputs),
      replaces: replaces.map((key) => (key === 'name' || key === 'namespace' ? `metadata.${key}` : key)),
    };
  }

  async create(urn: string, inputs: JsonObject, timeoutSeconds = 0): Promise<ResourceState> {
    const reference = referenceOf(inputs);
    const live = await this.client.find(reference);
    if (isPatch(urn) && live === undefined) {
      throw new Error(`there is no ${described(reference)} to patch`);
    }
    if (!isPatch(urn) && live !== undefined && !this.adoptsExisting) {
      throw new Error(`${described(reference)} already exists`);
    }
    return this.apply(urn, inputs, timeoutSeconds);
  }

  async update(urn: string, inputs: JsonObject, timeoutSeconds = 0): Promise<ResourceState> {
    return this.apply(urn, inputs, timeoutSeconds);
  }

  /** The live state, restricted to what the inputs speak of; `undefined` when the object is gone. */
  async read(id: string, type: string, inputs: JsonObject, outputs: JsonObject): Promise<ResourceState | undefined> {
    const imported = Object.keys(inputs).length === 0;
    const live = await this.client.find(imported ? referenceOfId(id, type) : referenceOf(inputs));
    if (live === undefined) {
      return undefined;
    }
    const shape = imported ? withoutManagedFields(live) : inputs;
    const now = outputsOf(live, shape);
    return {
      id,
      inputs: imported ? shape : ((driftedInputs(inputs, outputs, now) ?? inputs) as JsonObject),
      outputs: now,
    };
  }

  /** Deletes the object and waits until it is gone; a patch gives up its fields instead. */
  async delete(urn: string, inputs: JsonObject, timeoutSeconds = 0): Promise<void> {
    const reference = referenceOf(inputs);
    if (isPatch(urn)) {
      if ((await this.client.find(reference)) !== undefined) {
        await this.client.apply(reference, { fieldManager: fieldManager(urn) });
      }
      return;
    }
    const uid = (await this.client.find(reference))?.metadata.uid;
    await this.client.delete(reference);
    await this.wait(timeoutSeconds, `${described(reference)} being deleted`, async () => {
      const live = await this.client.find(reference);
      return live === undefined || live.metadata.uid !== uid ? undefined : 'it is still there';
    });
  }

  private async apply(urn: string, inputs: JsonObject, timeoutSeconds: number): Promise<ResourceState> {
    const reference = referenceOf(inputs);
    const force = annotation(inputs, 'pulumi.com/patchForce') === 'true';
    const object = inputs as unknown as ObjectReference;
    let live: KubeObject | undefined;
    await this.wait(10, `the kind of ${described(reference)}`, async () => {
      try {
        live = await this.client.apply(object, { fieldManager: fieldManager(urn), force });
        return undefined;
      } catch (error) {
        // A kind is served a moment after its definition is established.
        if (error instanceof ApiError && error.code === 404 && error.message.includes('knows no kind')) {
          return error.message;
        }
        throw error;
      }
    });
    const { name, namespace } = reference.metadata;
    const id = namespace === undefined ? name : `${namespace}/${name}`;
    if (!isPatch(urn) && annotation(inputs, 'pulumi.com/skipAwait') !== 'true') {
      try {
        await this.wait(timeoutSeconds, `${described(reference)} becoming ready`, async () => {
          live = await this.client.get(reference);
          return pending(live);
        });
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        throw new NotReadyError(message, id, live === undefined ? inputs : outputsOf(live, inputs));
      }
    }
    return { id, inputs, outputs: live === undefined ? inputs : outputsOf(live, inputs) };
  }

  /** Asks until nothing is missing any more; `missing` says what is. */
  private async wait(seconds: number, what: string, missing: () => Promise<string | undefined>): Promise<void> {
    const limit = seconds > 0 ? seconds : defaultTimeoutSeconds;
    const deadline = Date.now() + limit * 1000;
    for (;;) {
      const reason = await missing();
      if (reason === undefined) {
        return;
      }
      if (this.cancelled) {
        throw new Error(`${what}: cancelled, while ${reason}`);
      }
      if (Date.now() > deadline) {
        throw new Error(`${what}: not within ${String(limit)} s, ${reason}`);
      }
      await sleep(250);
    }
  }
}

/** Patch resources change some fields of an object that belongs to somebody else, such as `core/v1:NamespacePatch`. */
function isPatch(urn: string): boolean {
  return /:[A-Z]\w*Patch$/.test(typeOf(urn));
}

/** The last type in a URN, such as `kubernetes:apps/v1:Deployment`; the part before it names the parents' types. */
export function typeOf(urn: string): string {
  return (urn.split('::')[2] ?? '').split('$').at(-1) ?? '';
}

/** Every resource its own manager: giving up the fields of one must not give up those of another. */
function fieldManager(urn: string): string {
  return `pulumi-kubernetes-${createHash('sha256').update(urn).digest('hex').slice(0, 8)}`;
}

function annotation(inputs: JsonObject, name: string): Json | undefined {
  const { metadata } = inputs;
  return isObject(metadata) && isObject(metadata['annotations']) ? metadata['annotations'][name] : undefined;
}

function referenceOf(inputs: JsonObject): ObjectReference {
  const { apiVersion, kind, metadata } = inputs;
  const { name, namespace } = isObject(metadata) ? metadata : {};
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || typeof name !== 'string') {
    throw new Error(
      `an object needs apiVersion, kind and metadata.name: ${JSON.stringify({ apiVersion, kind, name })}`,
    );
  }
  return { apiVersion, kind, metadata: typeof namespace === 'string' ? { name, namespace } : { name } };
}

function referenceOfId(id: string, type: string): ObjectReference {
  const [, apiVersion = '', kind = ''] = type.split(':');
  const [name = '', namespace] = id.split('/').reverse();
  return {
    apiVersion: apiVersion.replace(/^core\//, ''),
    kind: kind.replace(/Patch$/, ''),
    metadata: namespace === undefined ? { name } : { name, namespace },
  };
}

function described({ kind, metadata: { name, namespace } }: ObjectReference): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

function withoutManagedFields(live: KubeObject): JsonObject {
  const metadata = Object.fromEntries(Object.entries(live.metadata).filter(([key]) => key !== 'managedFields'));
  return { ...live, metadata } as unknown as JsonObject;
}

function outputsOf(live: KubeObject, shape: JsonObject): JsonObject {
  const outputs = (restrict(live as unknown as Json, shape) ?? {}) as JsonObject;
  const metadata = isObject(outputs['metadata']) ? outputs['metadata'] : {};
  const uid: JsonObject = live.metadata.uid === undefined ? {} : { uid: live.metadata.uid };
  return { ...outputs, apiVersion: live.apiVersion, kind: live.kind, metadata: { ...metadata, ...uid } };
}
