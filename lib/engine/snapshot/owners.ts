import { groupBy } from '../../group-by';
import type { ObjectMeta, OwnerReference, StringMap, WorkloadObject } from '../cluster/objects';
import { kindOf, ownerKind, rollableKind } from '../kinds/kind-of';
import { isNode } from '../kinds/pod';
import { replicaSet } from '../kinds/replica-set';
import { selectsPod } from '../kinds/selects-pod';
import type { RollableKind } from '../kinds/workload-kind';
import type { CheckedWorkload } from './checked-workload';
import type { PodRecord } from './snapshot';

/** The owner of a pod. */
export type PodOwner =
  /** A controller that replaces its pods after a patch. */
  | { readonly type: 'rollable'; readonly owner: RollableKind; readonly object: CheckedWorkload }
  /** Any other controller. */
  | {
      readonly type: 'unrollable';
      readonly reference: OwnerReference;
      /** Metadata of the owner, if its kind is listed. */
      readonly metadata?: ObjectMeta;
    }
  /** No controller, or the kubelet of the node. */
  | { readonly type: 'none' }
  /** The owner reference names a controller that does not own the pod. */
  | { readonly type: 'disowned'; readonly reference: OwnerReference }
  /** The controller was deleted after the pods were listed, and its pods with it. */
  | { readonly type: 'gone' };

/** The listed owners by kind. A kind that is not served has no entry. */
export interface ListedOwners {
  readonly rollable: ReadonlyMap<string, readonly CheckedWorkload[]>;
  readonly unrollable: ReadonlyMap<string, readonly ObjectMeta[]>;
}

interface ListedOwner {
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly workload?: CheckedWorkload;
}

/**
 * Finds the owners of pods.
 *
 * Everyone who may create an object may write any owner reference. So a reference to a listed kind only counts if the
 * list contains an object with this uid, name, group and kind in the pod's namespace, and its selector matches the pod.
 */
export class Owners {
  private readonly byUid: ReadonlyMap<string, ListedOwner>;
  private readonly setsByController: ReadonlyMap<string, readonly ObjectMeta[]>;

  constructor(private readonly listed: ListedOwners) {
    const { rollable, unrollable } = listed;
    const owners: ListedOwner[] = [
      ...[...unrollable].flatMap(([kind, all]) => all.map((metadata) => ({ kind, metadata }))),
      ...[...rollable].flatMap(([kind, objects]) =>
        objects.map((workload) => ({ kind, metadata: workload.metadata, workload })),
      ),
    ];
    this.byUid = new Map(owners.map((owner) => [owner.metadata.uid, owner]));
    this.setsByController = groupBy(unrollable.get(replicaSet.kind) ?? [], (set) => controllerOf(set)?.uid ?? '');
  }

  ownerOf({ labels, origin: { namespace, controller, isMirror } }: PodRecord): PodOwner {
    if (!controller || isMirror || isNode(controller)) {
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
      // A Deployment creates ReplicaSets, not pods.
      return rollableKind(direct.kind)?.replicaSets
        ? { type: 'disowned', reference: controller }
        : (rolled(direct.kind, direct.workload, labels) ?? { type: 'disowned', reference: controller });
    }
    const above = controllerOf(direct.metadata);
    const top = direct.kind === replicaSet.kind && above ? this.find(above, namespace) : undefined;
    if (top === 'gone') {
      return { type: 'gone' };
    }
    return (
      (typeof top === 'object' && top.workload && rolled(top.kind, top.workload, labels)) || {
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

  /** `unread`: the kind is not listed; `disowned`: no object of the namespace matches the reference. */
  private find(reference: OwnerReference, namespace: string): ListedOwner | 'gone' | 'disowned' | 'unread' {
    const kind = ownerKind(reference);
    if (!this.listed.rollable.has(kind) && !this.listed.unrollable.has(kind)) {
      return 'unread';
    }
    const owner = this.byUid.get(reference.uid);
    if (!owner) {
      // The garbage collector of Kubernetes deletes pods of a deleted owner, but only if it knows the version in the
      // reference.
      return reference.apiVersion === kindOf(kind)?.apiVersion ? 'gone' : 'disowned';
    }
    const { metadata } = owner;
    const isMeant = owner.kind === kind && metadata.name === reference.name && metadata.namespace === namespace;
    return isMeant ? owner : 'disowned';
  }
}

function rolled(kind: string, object: CheckedWorkload, labels: StringMap): PodOwner | undefined {
  const owner = rollableKind(kind);
  return owner && selectsPod(owner, object, labels) ? { type: 'rollable', owner, object } : undefined;
}

export function controllerOf(metadata: ObjectMeta): OwnerReference | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller);
}
