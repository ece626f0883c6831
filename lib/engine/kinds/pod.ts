import type { OwnerReference } from '../cluster/objects';
import { apiGroup } from '../cluster/api-group';
import { shellCommand } from '../cluster/shell-command';
import { likeItsPod } from './like-its-pod';
import { unknownController } from './unknown-controller';
import type { UnrollableKind } from './workload-kind';

/**
 * A pod that is a workload of its own: without a controller, of the kubelet, of another pod, or with an owner reference
 * that does not hold.
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
          sentence: 'a static Pod belongs to the kubelet of its node, which takes no sidecar from a webhook',
          remedy: shellCommand('kubectl', '-n', namespace, 'get', 'pod', name, '-o', 'wide'),
        }
      : {
          reason: 'BarePod',
          sentence: 'a Pod without a controller is not created again when it is deleted',
          remedy: shellCommand('kubectl', '-n', namespace, 'replace', '--force', '-f', `MANIFEST-OF-${name}.yaml`),
        };
  },
};

/** Whether a static pod's mirror names its node as its controller. */
export function isNode({ apiVersion, kind }: Pick<OwnerReference, 'apiVersion' | 'kind'>): boolean {
  return kind === 'Node' && apiGroup(apiVersion) === '';
}
