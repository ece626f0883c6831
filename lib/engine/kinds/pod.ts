import type { OwnerReference } from '../cluster/objects';
import { apiGroup } from '../cluster/api-group';
import { shellCommand } from '../cluster/shell-command';
import { likeItsPod } from './like-its-pod';
import { unknownController } from './unknown-controller';
import type { UnrollableKind } from './workload-kind';

/**
 * A single pod as a workload: a pod without a controller, a static pod of the kubelet, a pod that another pod controls,
 * or a pod with an invalid owner reference.
 */
export const pod: UnrollableKind = {
  type: 'unrollable',
  kind: 'Pod',
  apiVersion: 'v1',
  resource: 'pods',
  reads: ['get', 'list'],
  reasons: ['BarePod', 'StaticPod', ...unknownController.reasons],
  template: 'pod',
  selectorOf: () => undefined,
  identity: likeItsPod,
  warning(holder, pods) {
    const { namespace, name, controller, claimed, isStatic } = holder;
    if (controller ?? claimed) {
      return unknownController.warning(holder, pods);
    }
    return isStatic
      ? {
          reason: 'StaticPod',
          sentence: 'a static Pod is created by the kubelet of its node, and webhooks cannot inject it',
          remedy: shellCommand('kubectl', '-n', namespace, 'get', 'pod', name, '-o', 'wide'),
        }
      : {
          reason: 'BarePod',
          sentence: 'a Pod without a controller is not created again when it is deleted',
          remedy: shellCommand('kubectl', '-n', namespace, 'replace', '--force', '-f', `MANIFEST-OF-${name}.yaml`),
        };
  },
};

/** Whether the controller is a node, as for the mirror pod of a static pod. */
export function isNode({ apiVersion, kind }: Pick<OwnerReference, 'apiVersion' | 'kind'>): boolean {
  return kind === 'Node' && apiGroup(apiVersion) === '';
}
