import { own } from '../cluster/own';
import { matches } from '../cluster/label-selector';
import type { LabelSelector, ObjectMeta, OwnerReference, StringMap, WorkloadObject } from '../cluster/objects';
import { ownerKind } from '../kinds/owner-kind';
import { rollableOwner } from '../kinds/rollable-owners';
import type { RollableOwner } from '../kinds/rollable-owner';
import type { PodRecord } from './snapshot';

/** What a pod belongs to. */
export type PodOwner =
  /** A controller that replaces its pods when it is told to. */
  | { readonly type: 'rollable'; readonly owner: RollableOwner; readonly object: WorkloadObject }
  /** Any other controller. */
  | {
      readonly type: 'unrollable';
      readonly reference: OwnerReference;
      /** Of a ReplicaSet or a Job; others are not listed. */
      readonly metadata?: ObjectMeta;
    }
  /** No controller, or the kubelet of its node. */
  | { readonly type: 'none' }
  /** Its owner reference names a controller that does not own it. */
  | { readonly type: 'disowned'; readonly reference: OwnerReference }
  /** A controller that was deleted after the pods were listed, and its pods with it. */
  | { readonly type: 'gone' };

/** The owners as the API server lists them. */
export interface ListedOwners {
  readonly replicaSets: readonly ObjectMeta[];
  readonly jobs: readonly ObjectMeta[];
  /** By kind; a kind that is not served has no entry. */
  readonly workloads: ReadonlyMap<string, readonly WorkloadObject[]>;
}

interface ListedOwner {
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly workload?: WorkloadObject;
}

/** Where ReplicaSets and Jobs are listed. */
const API_VERSIONS: Readonly<Record<string, string>> = { ReplicaSet: 'apps/v1', Job: 'batch/v1' };

/**
 * Says which owner a pod belongs to.
 *
 * Anybody who may create an object may write an owner reference of any content. So it counts only where the object that
 * it names is listed with this uid, name, group and kind in the pod's own namespace, and its selector matches the pod.
 */
export class Owners {
  private readonly byUid: ReadonlyMap<string, ListedOwner>;
  private readonly setsByController: ReadonlyMap<string, readonly ObjectMeta[]>;

  constructor(private readonly listed: ListedOwners) {
    const { replicaSets, jobs, workloads } = listed;
    const owners: ListedOwner[] = [
      ...replicaSets.map((metadata) => ({ kind: 'ReplicaSet', metadata })),
      ...jobs.map((metadata) => ({ kind: 'Job', metadata })),
      ...[...workloads].flatMap(([kind, objects]) =>
        objects.map((workload) => ({ kind, metadata: workload.metadata, workload })),
      ),
    ];
    this.byUid = new Map(owners.map((owner) => [owner.metadata.uid, owner]));
    this.setsByController = groupBy(replicaSets, (set) => controllerOf(set)?.uid ?? '');
  }

  ownerOf({ labels, origin: { namespace, controller, isMirror } }: PodRecord): PodOwner {
    if (!controller || isMirror || ownerKind(controller) === 'Node') {
      return { type: 'none' };
    }
    const direct = this.find(controller, namespace);
    switch (direct) {
      case 'gone':
        return { type: 'gone' };
      case 'disowned':
        return { type: 'disowned', reference: controller };
      case 'unread':
        return { type: 'unrollable', reference: controller };
    }
    if (direct.workload) {
      return rollable(direct.kind, direct.workload, labels) ?? { type: 'disowned', reference: controller };
    }
    const above = controllerOf(direct.metadata);
    const top = direct.kind === 'ReplicaSet' && above ? this.find(above, namespace) : undefined;
    if (top === 'gone') {
      return { type: 'gone' };
    }
    return (
      (typeof top === 'object' && top.workload && rollable(top.kind, top.workload, labels)) || {
        type: 'unrollable',
        reference: controller,
        metadata: direct.metadata,
      }
    );
  }

  replicaSetsOf({ metadata }: WorkloadObject): readonly ObjectMeta[] {
    const sets = this.setsByController.get(metadata.uid) ?? [];
    return sets.filter((set) => {
      const controller = controllerOf(set);
      const owner = controller && this.find(controller, set.namespace ?? '');
      return typeof owner === 'object' && owner.metadata === metadata;
    });
  }

  /** `unread`: of a kind that is not listed; `disowned`: no object of the namespace is what the reference says. */
  private find(reference: OwnerReference, namespace: string): ListedOwner | 'gone' | 'disowned' | 'unread' {
    const kind = ownerKind(reference);
    const apiVersion = this.listed.workloads.has(kind) ? rollableOwner(kind)?.apiVersion : own(API_VERSIONS, kind);
    if (apiVersion === undefined) {
      return 'unread';
    }
    const owner = this.byUid.get(reference.uid);
    if (!owner) {
      // Kubernetes' garbage collector deletes pods of an owner that is gone, but only where it knows the version.
      return reference.apiVersion === apiVersion ? 'gone' : 'disowned';
    }
    const { metadata } = owner;
    const isMeant = owner.kind === kind && metadata.name === reference.name && metadata.namespace === namespace;
    return isMeant ? owner : 'disowned';
  }
}

function rollable(kind: string, object: WorkloadObject, labels: StringMap): PodOwner | undefined {
  const owner = rollableOwner(kind);
  return owner && selects(kind, object, labels) ? { type: 'rollable', owner, object } : undefined;
}

/** Whether the owner's selector, where it has one, matches these labels of a pod. */
export function selects(kind: string, { spec: { selector } }: WorkloadObject, labels: StringMap): boolean {
  // A ReplicationController's selector is a plain map of labels.
  const meant = kind === 'ReplicationController' ? { matchLabels: selector as StringMap | undefined } : selector;
  return matches(meant as LabelSelector | undefined, labels);
}

export function controllerOf(metadata: ObjectMeta): OwnerReference | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller);
}

export function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = key(item);
    const group = groups.get(name);
    if (group) {
      group.push(item);
    } else {
      groups.set(name, [item]);
    }
  }
  return groups;
}
