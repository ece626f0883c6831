import { commandAbout, shellCommand } from '../cluster/shell-command';
import type { OwnerReference } from '../cluster/objects';
import type { WarningReason } from './warning-reason';
import { deletePods, type Blocked, type OwnedPod } from './rollable-owner';

/** An owner whose pods the engine does not replace. */
export interface UnrollableOwner {
  readonly reason: WarningReason;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** The owner's own controller: a Job's CronJob, a ReplicaSet's controller of an unknown kind. */
  readonly controller?: Pick<OwnerReference, 'kind' | 'name'>;
  /** What its owner reference names, though no such object of the namespace owns it. */
  readonly claimed?: Pick<OwnerReference, 'kind' | 'name'>;
}

/** Labels that the Job controller sets itself and refuses to find in a new Job. */
const JOB_LABELS = '["controller-uid", "batch.kubernetes.io/controller-uid"]';

/** Why the owner's pods are not restarted, and the command that restarts them by hand. */
export function warningOf(owner: UnrollableOwner, pods: readonly OwnedPod[]): Blocked {
  const { namespace, name, reason } = owner;
  switch (reason) {
    case 'JobOwned':
      return owner.controller?.kind === 'CronJob'
        ? {
            reason,
            sentence: `a Job cannot be restarted; the next run of CronJob ${owner.controller.name} starts with pods that are up to date`,
            remedy: commandAbout(
              [owner.controller.name],
              shellCommand(
                'kubectl',
                '-n',
                namespace,
                'create',
                'job',
                `--from=cronjob/${owner.controller.name}`,
                `${name}-again`,
              ),
            ),
          }
        : {
            reason,
            sentence: 'a Job cannot be restarted, only run again from its start',
            remedy: [
              shellCommand('kubectl', '-n', namespace, 'get', 'job', name, '-o', 'json'),
              shellCommand('jq', `del(.spec.selector, .spec.template.metadata.labels${JOB_LABELS})`),
              shellCommand('kubectl', 'replace', '--force', '-f', '-'),
            ].join(' | '),
          };
    case 'BareReplicaSet':
      return {
        reason,
        sentence: 'a ReplicaSet without a Deployment replaces pods only when they are deleted',
        remedy: deletePods(namespace, pods),
      };
    case 'ReplicationController':
      return {
        reason,
        sentence: 'a ReplicationController replaces pods only when they are deleted',
        remedy: deletePods(namespace, pods),
      };
    case 'BarePod':
      return {
        reason,
        sentence: 'a Pod without a controller is not created again when it is deleted',
        remedy: shellCommand('kubectl', '-n', namespace, 'replace', '--force', '-f', `MANIFEST-OF-${name}.yaml`),
      };
    case 'StaticPod':
      return {
        reason,
        sentence: 'a static Pod belongs to the kubelet of its node, which takes no sidecar from a webhook',
        remedy: shellCommand('kubectl', '-n', namespace, 'get', 'pod', name, '-o', 'wide'),
      };
    default:
      return {
        reason,
        sentence: owner.claimed
          ? `its owner reference names ${owner.claimed.kind} ${owner.claimed.name}, which does not own it`
          : `the engine does not know how ${owner.controller?.kind ?? owner.kind} replaces its pods`,
        remedy: deletePods(namespace, pods),
      };
  }
}
