import type { Pod, WorkloadObject } from '../../lib/engine/cluster/objects';
import { FakeApiServer, refusal, type FakeAnswer, type FakeRequest } from './fake-api-server';
import { IMAGE, injected, ownerOf, pod, type ClusterObject } from './cluster-builder';

/** `hangs`: the rollout never ends; `fails`: its progress deadline passes; the rest are done at once. */
export type RolloutFate = 'done' | 'hangs' | 'fails';

export interface FakeClusterOptions {
  /** What the webhook does to a pod; @default injects as the namespace's label says */
  readonly inject?: (pod: Pod, namespace: ClusterObject | undefined) => Pod | FakeAnswer;
  readonly fates?: Readonly<Record<string, RolloutFate>>;
  /** Answers in place of the cluster, when it gives one. */
  readonly intercept?: (request: FakeRequest, cluster: FakeCluster) => FakeAnswer | undefined;
}

const PATHS = /^\/(?:api|apis)\/(.+?)(?:\/namespaces\/([^/]+))?\/([a-z]+)(?:\/([^/]+))?$/;

/** A fake cluster: an object store behind a fake API server, with an injector and controllers that replace pods at once. */
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
    const [, apiVersion = '', namespace, plural = '', name] = this.parse(path);
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
      return { body: { items: key ? found.filter(({ metadata }) => metadata.labels?.[key] === value) : found } };
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

  private parse(path: string): readonly (string | undefined)[] {
    const single = /^\/api\/v1\/namespaces(?:\/([^/]+))?$/.exec(path);
    return single ? [path, 'v1', undefined, 'namespaces', single[1]] : (PATHS.exec(path) ?? []);
  }

  private dryRun(asked: Pod, namespace: string): FakeAnswer {
    const holder = this.objects.find(({ kind, metadata }) => kind === 'Namespace' && metadata.name === namespace);
    const answer = (this.options.inject ?? injectByLabel)(asked, holder);
    return 'metadata' in answer ? { body: answer } : answer;
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
    if (fate === 'done') {
      this.replacePods(after);
    }
    // The controllers have not seen the change when the patch is answered.
    return { body: { ...after, status: merged.status } };
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

/** A JSON merge patch, less the removal of fields. */
function merge(target: unknown, patch: unknown): unknown {
  const isRecord = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isRecord(target) || !isRecord(patch)) {
    return patch;
  }
  const merged = Object.entries(patch).map(([key, value]) => [key, merge(target[key], value)] as const);
  return { ...target, ...Object.fromEntries(merged) };
}

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
