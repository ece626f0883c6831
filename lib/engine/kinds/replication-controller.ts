import type { StringMap } from '../cluster/objects';
import { deleteOneByOne } from './delete-one-by-one';
import { likeItsPod } from './like-its-pod';
import type { UnrollableKind } from './workload-kind';

/** @see https://kubernetes.io/docs/concepts/workloads/controllers/replicationcontroller/ */
export const replicationController: UnrollableKind = {
  type: 'unrollable',
  kind: 'ReplicationController',
  apiVersion: 'v1',
  resource: 'replicationcontrollers',
  reads: ['get'],
  reasons: ['ReplicationController'],
  template: 'owner',
  // The selector is a plain map of labels.
  selectorOf: ({ spec: { selector } }) => ({ matchLabels: selector as StringMap | undefined }),
  identity: likeItsPod,
  // The pods of a DeploymentConfig are left to its own rollouts.
  isEvictable: ({ controller }) => controller === undefined,
  warning: ({ namespace, controller }, pods) => ({
    reason: 'ReplicationController',
    ...deleteOneByOne(
      `a ReplicationController${controller ? `, here of ${controller.kind} ${controller.name},` : ''} replaces pods only when they are deleted`,
      namespace,
      pods,
    ),
  }),
};
