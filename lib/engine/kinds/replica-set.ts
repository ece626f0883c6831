import { deleteOneByOne } from './delete-one-by-one';
import { likeItsPod } from './like-its-pod';
import { ownSelector } from './selects-pod';
import { unknownController } from './unknown-controller';
import type { UnrollableKind } from './workload-kind';

/**
 * A ReplicaSet without a controller, or with an unknown one. The ReplicaSets of a Deployment belong to its workload.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/
 */
export const replicaSet: UnrollableKind = {
  type: 'unrollable',
  kind: 'ReplicaSet',
  apiVersion: 'apps/v1',
  resource: 'replicasets',
  reads: ['get', 'list'],
  reasons: ['BareReplicaSet', ...unknownController.reasons],
  template: 'owner',
  selectorOf: ownSelector,
  identity: likeItsPod,
  isEvictable: ({ controller }) => controller === undefined,
  warning: (holder, pods) =>
    holder.controller
      ? unknownController.warning(holder, pods)
      : {
          reason: 'BareReplicaSet',
          ...deleteOneByOne(
            'a ReplicaSet without a Deployment replaces pods only when they are deleted',
            holder.namespace,
            pods,
          ),
        },
};
