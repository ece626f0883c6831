import { createHash } from 'node:crypto';
import type { KubeClient, KubeObject } from '../control-plane/kube-client';
import { defineKind } from './custom-resource';
import { isPodReady, type RunningPod } from './pods-of';
import { Reconciling } from './reconciling';

const NAME = 'fake-argo-rollouts';
const HASH_LABEL = 'rollouts-pod-template-hash';
const REVISION_ANNOTATION = 'rollout.argoproj.io/revision';

interface Template {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
}

interface Rollout extends KubeObject {
  readonly spec: {
    readonly replicas: number;
    readonly template?: Template;
    readonly workloadRef?: { readonly apiVersion: string; readonly kind: string; readonly name: string };
    readonly restartAt?: string;
  };
  readonly status?: { readonly stableRS?: string; readonly restartedAt?: string };
}

/**
 * A small stand-in for the controller of Argo Rollouts, with only what a restart depends on. It creates ReplicaSets,
 * gives a changed template one replica and stops there, like a canary that waits to be promoted. It evicts the pods
 * that are older than `spec.restartAt` one by one, and then sets `status.restartedAt`.
 */
export class FakeArgoRollouts {
  /** Defines the kind Rollout and reconciles its objects. */
  static async start(client: KubeClient): Promise<FakeArgoRollouts> {
    await defineKind(client, 'argoproj.io', 'v1alpha1', 'Rollout');
    process.stderr.write(`${NAME}: a fake of this test stands in for the controller of Argo Rollouts\n`);
    return new FakeArgoRollouts(client);
  }

  private readonly reconciling = new Reconciling(NAME, async () => {
    for (const rollout of await this.client.list<Rollout>('argoproj.io/v1alpha1', 'Rollout')) {
      await this.reconcile(rollout);
    }
  });

  private constructor(private readonly client: KubeClient) {}

  stop(): Promise<void> {
    return this.reconciling.stop();
  }

  private async reconcile(rollout: Rollout): Promise<void> {
    const { metadata, spec } = rollout;
    const { namespace } = metadata;
    const template = spec.template ?? (await this.referredTemplate(rollout));
    const hash = createHash('sha256').update(JSON.stringify(template)).digest('hex').slice(0, 10);
    const stable = rollout.status?.stableRS ?? hash;
    const canaries = hash === stable ? 0 : 1;
    const owned = await this.ownedSets(rollout);
    if (!owned.some(({ metadata: { labels } }) => labels?.[HASH_LABEL] === hash)) {
      await this.createSet(rollout, template, hash, owned.length + 1);
    }
    const sets = await this.ownedSets(rollout);
    for (const { apiVersion, kind, metadata: set, spec: present } of sets) {
      const replicas = set.labels?.[HASH_LABEL] === stable ? spec.replicas - canaries : canaries;
      if (present.replicas !== replicas) {
        await this.client.patch({ apiVersion, kind, metadata: set }, { spec: { replicas } });
      }
    }
    const uids = new Set(sets.map(({ metadata: { uid } }) => uid));
    const pods = (await this.client.list<RunningPod>('v1', 'Pod', { namespace })).filter(
      ({ metadata: { ownerReferences, deletionTimestamp } }) =>
        deletionTimestamp === undefined && ownerReferences?.some(({ uid }) => uids.has(uid)),
    );
    const available = pods.filter(isPodReady).length;
    const isDone = await this.evictNext(rollout, pods, available);
    const status = {
      observedGeneration: String(metadata.generation),
      replicas: pods.length,
      updatedReplicas: pods.filter(({ metadata: { labels } }) => labels?.[HASH_LABEL] === hash).length,
      availableReplicas: available,
      currentPodHash: hash,
      stableRS: stable,
      ...(isDone && spec.restartAt !== undefined ? { restartedAt: spec.restartAt } : {}),
    };
    if (
      Object.entries(status).some(([field, value]) => (rollout.status as KubeObject | undefined)?.[field] !== value)
    ) {
      await this.client.patch(rollout, { status }, 'status');
    }
  }

  /**
   * Evicts a pod that is older than the restart, if enough pods are available. Returns whether the restart is complete.
   */
  private async evictNext({ spec }: Rollout, pods: readonly RunningPod[], available: number): Promise<boolean> {
    const { restartAt, replicas } = spec;
    if (restartAt === undefined || available < replicas) {
      return false;
    }
    const [old] = pods.filter(({ metadata }) => Date.parse(String(metadata.creationTimestamp)) < Date.parse(restartAt));
    if (old === undefined) {
      return true;
    }
    const { name, namespace = '' } = old.metadata;
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } };
    await this.client.raw('POST', `/api/v1/namespaces/${namespace}/pods/${name}/eviction`, eviction);
    return false;
  }

  private async ownedSets(
    rollout: Rollout,
  ): Promise<(KubeObject & { readonly spec: { readonly replicas: number } })[]> {
    const sets = await this.client.list<KubeObject & { readonly spec: { readonly replicas: number } }>(
      'apps/v1',
      'ReplicaSet',
      { namespace: rollout.metadata.namespace },
    );
    return sets.filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === rollout.metadata.uid));
  }

  private async createSet(rollout: Rollout, template: Template, hash: string, revision: number): Promise<void> {
    const { apiVersion, kind, metadata } = rollout;
    const { name, namespace, uid } = metadata;
    const labels = { ...template.metadata.labels, [HASH_LABEL]: hash };
    const replicaSet = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        ...{ name: `${name}-${hash}`, namespace, labels },
        annotations: { [REVISION_ANNOTATION]: String(revision) },
        ownerReferences: [{ apiVersion, kind, name, uid: uid ?? '', controller: true, blockOwnerDeletion: true }],
      },
      spec: {
        replicas: 0,
        selector: { matchLabels: labels },
        template: { ...template, metadata: { ...template.metadata, labels } },
      },
    };
    await this.client.create(replicaSet, NAME);
  }

  private async referredTemplate({ metadata, spec }: Rollout): Promise<Template> {
    const { apiVersion = '', kind = '', name = '' } = spec.workloadRef ?? {};
    const referred = await this.client.get<KubeObject & { readonly spec: { readonly template: Template } }>({
      ...{ apiVersion, kind },
      metadata: { name, namespace: metadata.namespace },
    });
    return referred.spec.template;
  }
}
