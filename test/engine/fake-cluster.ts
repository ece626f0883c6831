import { isObject } from '../../lib/engine/cluster/is-object';
import type { Pod, WorkloadObject } from '../../lib/engine/cluster/objects';
import { FakeApiServer, refusal, type FakeAnswer, type FakeRequest } from './fake-api-server';
import { IMAGE, injected, ownerOf, pod, type ClusterObject } from './cluster-builder';

/** `hangs`: the rollout never ends; `fails`: its progress deadline passes; all others end at once. */
export type RolloutFate = 'done' | 'hangs' | 'fails';

export interface FakeClusterOptions {
  /** What the webhook does to a pod; @default injects according to the namespace's label */
  readonly inject?: (pod: Pod, namespace: ClusterObject | undefined) => Pod | FakeAnswer;
  /** Whether the API server relays to the injector; @default true */
  readonly relays?: boolean;
  /** Where pods may be created; @default everywhere */
  readonly dryRunsIn?: readonly string[];
  readonly fates?: Readonly<Record<string, RolloutFate>>;
  /** If it returns an answer, that replaces the answer of the cluster. */
  readonly intercept?: (request: FakeRequest, cluster: FakeCluster) => FakeAnswer | undefined;
}

/** Paths that the API server relays to the Service of an injector. */
const RELAY = /\/services\/https:[^/]+\/proxy\//;

const EVICTION = /\/namespaces\/([^/]+)\/pods\/([^/]+)\/eviction$/;

interface Eviction {
  readonly deleteOptions: { readonly preconditions: { readonly uid: string } };
}

interface Review {
  readonly request: { readonly namespace: string; readonly object: Pod };
}

const PATHS = /^\/(?:api|apis)\/(.+?)(?:\/namespaces\/([^/]+))?\/([a-z]+)(?:\/([^/]+))?$/;

/**
 * A fake cluster: an object store behind a fake API server, with an injector and controllers that replace pods at once.
 */
export class FakeCluster {
  objects: ClusterObject[];
  private constructor(
    objects: readonly ClusterObject[],
    private readonly options: FakeClusterOptions,
  ) {
    this.objects = objects.map((object) => ({ ...object, metadata: { resourceVersion: '1', ...object.metadata } }));
  }

  server!: FakeApiServer;

  static async start(objects: readonly ClusterObject[], options: FakeClusterOptions = {}): Promise<FakeCluster> {
    const cluster = new FakeCluster(objects, options);
    cluster.server = await FakeApiServer.start(
      (request) => options.intercept?.(request, cluster) ?? cluster.answer(request),
    );
    return cluster;
  }

  close(): Promise<void> {
    return this.server.close();
  }

  get patches(): readonly FakeRequest[] {
    return this.server.requests.filter(({ method }) => method === 'PATCH');
  }

  /** What was patched, as `namespace/name`. */
  get patched(): readonly string[] {
    return this.patches.map(({ path }) => path.replace(/^.*namespaces\/([^/]+)\/[^/]+\//, '$1/'));
  }

  find(kind: string, name: string): ClusterObject | undefined {
    return this.objects.find((object) => object.kind === kind && object.metadata.name === name);
  }

  private answer(request: FakeRequest): FakeAnswer {
    const { method, path } = request;
    if (path.endsWith('/selfsubjectaccessreviews')) {
      return { body: { status: { allowed: true } } };
    }
    if (RELAY.test(path)) {
      return this.options.relays === false ? NO_RELAY : this.relay(request.body as Review);
    }
    const evicted = EVICTION.exec(path);
    if (evicted) {
      return this.evict(evicted[1] ?? '', evicted[2] ?? '', request.body as Eviction);
    }
    const [, apiVersion = '', namespace, plural = '', name] = this.parse(path);
    if (method === 'POST' && plural === 'pods' && !this.mayCreatePods(namespace ?? '')) {
      return refusal(403, 'Forbidden', 'pods is forbidden: User "ci" cannot create resource "pods" in API group ""');
    }
    if (method === 'POST' && plural === 'pods') {
      return this.dryRun(request.body as Pod, namespace ?? '');
    }
    if (method === 'POST' && name === undefined && plural !== 'events') {
      this.objects = [...this.objects, request.body as ClusterObject];
      return { status: 201, body: request.body };
    }
    const found = this.objects.filter(
      (object) =>
        object.apiVersion === apiVersion &&
        `${object.kind.toLowerCase()}s` === plural &&
        (namespace === undefined || object.metadata.namespace === namespace) &&
        (name === undefined || object.metadata.name === name),
    );
    if (name === undefined) {
      const [key, value] = (request.query.get('labelSelector') ?? '').split('=');
      return {
        body: {
          metadata: { resourceVersion: '1' },
          items: key ? found.filter(({ metadata }) => metadata.labels?.[key] === value) : found,
        },
      };
    }
    const [object] = found;
    if (!object) {
      return refusal(404, 'NotFound', `${plural} "${name}" not found`);
    }
    if (method === 'DELETE') {
      this.objects = this.objects.filter((one) => one !== object);
      return { body: object };
    }
    return method === 'PATCH' ? this.patch(object, request) : { body: object };
  }

  private mayCreatePods(namespace: string): boolean {
    return this.options.dryRunsIn?.includes(namespace) ?? true;
  }

  private parse(path: string): readonly (string | undefined)[] {
    const single = /^\/api\/v1\/namespaces(?:\/([^/]+))?$/.exec(path);
    return single ? [path, 'v1', undefined, 'namespaces', single[1]] : (PATHS.exec(path) ?? []);
  }

  private dryRun(asked: Pod, namespace: string): FakeAnswer {
    const holder = this.objects.find(({ kind, metadata }) => kind === 'Namespace' && metadata.name === namespace);
    const answer = (this.options.inject ?? injectByLabel)(asked, holder);
    return 'metadata' in answer ? { body: answer } : answer;
  }

  /** Answers an AdmissionReview like the injector. */
  private relay({ request: { namespace, object } }: Review): FakeAnswer {
    const { body, status } = this.dryRun(object, namespace);
    const made = body as Pod & { readonly message?: string };
    const operations = [
      { op: 'add', path: '/metadata', value: made.metadata },
      { op: 'add', path: '/spec', value: made.spec },
    ];
    const response = status
      ? { allowed: false, status: { message: made.message } }
      : { allowed: true, patch: Buffer.from(JSON.stringify(operations)).toString('base64') };
    return { body: { kind: 'AdmissionReview', response } };
  }

  private patch(object: ClusterObject, { body }: FakeRequest): FakeAnswer {
    const { resourceVersion } = (body as Partial<WorkloadObject>).metadata ?? {};
    if (resourceVersion !== undefined && resourceVersion !== object.metadata.resourceVersion) {
      return refusal(409, 'Conflict', 'the object has been modified; please apply your changes to the latest version');
    }
    const before = object as ClusterObject & WorkloadObject;
    const generation = (before.metadata.generation ?? 0) + 1;
    const fate = this.options.fates?.[object.metadata.name] ?? 'done';
    const merged = merge(before, body) as typeof before;
    const after = {
      ...merged,
      metadata: { ...merged.metadata, generation, resourceVersion: String(generation + 100) },
      status: {
        ...merged.status,
        ...(fate === 'hangs' ? {} : { observedGeneration: generation, restartedAt: merged.spec.restartAt }),
        ...(fate === 'fails' ? { conditions: [DEADLINE_EXCEEDED] } : {}),
      },
    };
    this.objects = this.objects.map((one) => (one === object ? after : one));
    // A patch that changes only an object's metadata starts no rollout.
    if (fate === 'done' && (body as Partial<WorkloadObject>).spec) {
      this.replacePods(after);
    }
    // The controllers have not seen the change when the patch is answered.
    return { body: { ...after, status: merged.status } };
  }

  /** The names of evicted pods, in the order of their evictions. */
  readonly evicted: string[] = [];

  private evict(namespace: string, name: string, { deleteOptions: { preconditions } }: Eviction): FakeAnswer {
    const old = this.objects.find(
      ({ kind, metadata }) => kind === 'Pod' && metadata.namespace === namespace && metadata.name === name,
    );
    if (!old) {
      return refusal(404, 'NotFound', `pods "${name}" not found`);
    }
    if (preconditions.uid !== old.metadata.uid) {
      return refusal(409, 'Conflict', 'the UID in the precondition does not match the UID in record');
    }
    this.evicted.push(name);
    const { labels, ownerReferences } = old.metadata;
    const bare = pod(`${name}-again`, { namespace, labels, owner: ownerReferences?.[0] }) as ClusterObject & Pod;
    const { body } = this.dryRun(bare, namespace);
    const made = (body ?? bare) as ClusterObject;
    const isReady = this.options.fates?.[name] !== 'hangs';
    this.objects = [...this.objects.filter((one) => one !== old), isReady ? ready(made) : made];
    return { status: 201, body: { kind: 'Status', status: 'Success' } };
  }

  private replacePods(workload: WorkloadObject & ClusterObject): void {
    const { uid, namespace = '', name, generation } = workload.metadata;
    const sets = this.objects
      .filter(({ metadata }) => metadata.ownerReferences?.[0]?.uid === uid)
      .map(({ metadata }) => metadata.uid);
    const isOwned = ({ kind, metadata }: ClusterObject) =>
      kind === 'Pod' && [uid, ...sets].includes(metadata.ownerReferences?.[0]?.uid ?? '');
    const replaced = this.objects.filter(isOwned).map((old, index) => {
      const bare = pod(`${name}-g${String(generation)}-${String(index)}`, {
        namespace,
        labels: old.metadata.labels,
        owner: old.metadata.ownerReferences?.[0] ?? ownerOf(workload),
      }) as ClusterObject & Pod;
      const { body } = this.dryRun(bare, namespace);
      return (body ?? bare) as ClusterObject;
    });
    this.objects = [...this.objects.filter((one) => !isOwned(one)), ...replaced];
  }
}

/** The pod as its kubelet reports it once its containers are ready. */
export function ready(object: ClusterObject): ClusterObject {
  return { ...object, status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } };
}

/** A JSON merge patch, without the removal of fields. */
function merge(target: unknown, patch: unknown): unknown {
  if (!isObject(target) || !isObject(patch)) {
    return patch;
  }
  const merged = Object.entries(patch).map(([key, value]) => [key, merge(target[key], value)] as const);
  return { ...target, ...Object.fromEntries(merged) };
}

const NO_RELAY = refusal(
  403,
  'Forbidden',
  'services "https:istiod:443" is forbidden: User "ci" cannot create resource "services/proxy" in API group ""',
);

const DEADLINE_EXCEEDED = {
  type: 'Progressing',
  status: 'False',
  reason: 'ProgressDeadlineExceeded',
  message: 'ReplicaSet has timed out progressing.',
};

function injectByLabel(asked: Pod, namespace: ClusterObject | undefined): Pod {
  const wanted =
    namespace?.metadata.labels?.['istio-injection'] === 'enabled' &&
    asked.metadata.labels?.['sidecar.istio.io/inject'] !== 'false';
  return wanted ? injected(asked, IMAGE) : asked;
}
