import { createHash } from 'node:crypto';
import { ApiObject, type ApiObjectProps } from 'cdk8s';
import type { Construct } from 'constructs';
import { CONTAINER, restartPodTemplate, type RestartPod } from './restart-pod';

/** Of the name of the Job, the part that is left for the construct: with the fingerprint, a label holds at most 63. */
export const MAX_NAME = 52;
const FINGERPRINT_LENGTH = 10;
const EXIT_ERROR = 1;

/** What a Job of a restarter is made from. */
export interface RestartJob extends RestartPod {
  readonly activeDeadlineSeconds: number;
}

/**
 * The spec of a Job that runs one restart.
 *
 * A run that ends by itself has decided something, and a repetition would start the rollouts that `onFailure: stop` has
 * kept from starting: its exit code fails the Job. An interrupted run has decided nothing, and continues where it was:
 * a drained node does not count, and a pod that is killed is replaced twice.
 */
export function restartJobSpec(pod: RestartJob): Record<string, unknown> {
  return {
    backoffLimit: 2,
    activeDeadlineSeconds: pod.activeDeadlineSeconds,
    podFailurePolicy: {
      rules: [
        { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
        {
          action: 'FailJob',
          onExitCodes: { containerName: CONTAINER, operator: 'In', values: [EXIT_ERROR] },
        },
      ],
    },
    template: restartPodTemplate(pod, { restartPolicy: 'Never' }),
  };
}

/** A Job whose name ends with a fingerprint of what it is for, and of itself: fields of a Job cannot be changed. */
export class FingerprintedJob extends ApiObject {
  /** @param mesh what the Job is for, as it is when the app is complete */
  constructor(
    scope: Construct,
    id: string,
    props: ApiObjectProps,
    private readonly mesh: () => readonly unknown[],
  ) {
    super(scope, id, props);
  }

  override toJson(): { readonly metadata: Readonly<Record<string, unknown>> } {
    const job = super.toJson() as { readonly metadata: Readonly<Record<string, unknown>> };
    const hash = createHash('sha256')
      .update(JSON.stringify([job, ...this.mesh()]))
      .digest('hex');
    return { ...job, metadata: { ...job.metadata, name: `${this.name}-${hash.slice(0, FINGERPRINT_LENGTH)}` } };
  }
}
