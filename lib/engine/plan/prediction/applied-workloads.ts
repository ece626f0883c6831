import { ownerPath } from '../../kinds/owner-path';
import { eachOf } from '../../cluster/each-of';
import type { KubernetesApi } from '../../cluster/api';
import type { ObjectMeta, WorkloadObject } from '../../cluster/objects';
import { isChosen, type PlanOptions } from '../plan-options';
import type { Decisions, WorkloadPlan } from '../plan';
import { restartSettings } from '../../snapshot/restart-annotations';
import { keyOf, type Snapshot, type Workload } from '../../snapshot/snapshot';
import { isTemplateChanged } from './changed-template';
import type { InjectionState } from './injection-state';
import { appliedMetadata, type Manifest } from './manifest';

const CONCURRENCY = 16;

/** The metadata, by `id`, of the workloads that the manifests change, including their field managers. */
export async function readAppliedWorkloads(
  api: KubernetesApi,
  snapshot: Snapshot,
  manifests: readonly Manifest[],
): Promise<ReadonlyMap<string, ObjectMeta>> {
  const manifestOf = workloadManifests(manifests);
  const found = new Map<string, ObjectMeta>();
  const changed = snapshot.workloads.flatMap((workload) =>
    workload.type === 'rollable' && manifestOf(workload) ? [workload] : [],
  );
  await eachOf(changed, { limit: CONCURRENCY }, async ({ id, namespace, name, owner, object }) => {
    const path = ownerPath(owner, { namespace, name });
    const live = await api.find<WorkloadObject>(path);
    found.set(id, live?.metadata ?? object.metadata);
  });
  return found;
}

/**
 * The snapshot after the manifests are applied, with the new labels and annotations of namespaces and workloads.
 *
 * @param live the result of {@link readAppliedWorkloads}
 */
export function appliedSnapshot(
  snapshot: Snapshot,
  { namespaces }: Pick<InjectionState, 'namespaces'>,
  manifests: readonly Manifest[],
  live: ReadonlyMap<string, ObjectMeta>,
): Snapshot {
  const manifestOf = workloadManifests(manifests);
  return {
    namespaces: new Map(
      [...snapshot.namespaces].map(([name, record]) => {
        const metadata = namespaces.get(name);
        return [
          name,
          metadata ? { ...record, labels: metadata.labels, settings: restartSettings(metadata.annotations) } : record,
        ];
      }),
    ),
    workloads: snapshot.workloads.map((workload) => {
      const manifest = manifestOf(workload);
      const metadata = live.get(workload.id);
      if (!manifest || !metadata) {
        return workload;
      }
      const { labels, annotations } = appliedMetadata(metadata, manifest);
      return { ...workload, labels, settings: restartSettings(annotations) };
    }),
  };
}

function workloadManifests(manifests: readonly Manifest[]): (workload: Workload) => Manifest | undefined {
  const known = new Map(
    manifests.map((manifest) => {
      const { namespace = 'default', name } = manifest.metadata;
      return [
        `${manifest.apiVersion.split('/')[0] ?? ''}/${keyOf({ namespace, kind: manifest.kind, name })}`,
        manifest,
      ];
    }),
  );
  return (workload) => known.get(`${workload.reference.apiVersion.split('/')[0] ?? ''}/${keyOf(workload)}`);
}

/**
 * The decisions, with `wait` for workloads that the manifests themselves roll out: their new pods get the new sidecar,
 * so a restart has nothing left to do.
 */
export function withOwnRollouts(
  decisions: Decisions,
  snapshot: Snapshot,
  manifests: readonly Manifest[],
  options: PlanOptions,
): Decisions {
  const manifestOf = workloadManifests(manifests);
  const rolled = new Map(
    snapshot.workloads
      .filter((workload) => {
        const template = (manifestOf(workload)?.spec as { readonly template?: unknown } | undefined)?.template;
        const isLeftOut =
          !isChosen(workload, snapshot, options) && !snapshot.namespaces.get(workload.namespace)?.settings.excluded;
        return (
          workload.type === 'rollable' &&
          !isLeftOut &&
          workload.owner.blocked(workload.object, workload.pods) === undefined &&
          isTemplateChanged(workload.object.spec.template, template)
        );
      })
      .map((workload) => [keyOf(workload), workload]),
  );
  return {
    ...decisions,
    workloads: decisions.workloads.map((plan) => {
      const workload = rolled.get(keyOf(plan));
      return workload ? rolledByItself(plan, workload) : plan;
    }),
  };
}

function rolledByItself(
  { deferredUntil: _, interruption: __, ...plan }: WorkloadPlan,
  { pods }: Workload,
): WorkloadPlan {
  return {
    ...plan,
    decision: 'wait',
    reason: 'RollingOut',
    message: 'its own pod template changes in the manifests, so its controller replaces its pods once they are applied',
    remedy: '',
    pods: pods.map(({ name }) => name),
  };
}
