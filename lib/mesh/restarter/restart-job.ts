import { createHash } from 'node:crypto';
import { ApiObject, type ApiObjectProps } from 'cdk8s';
import type { Construct } from 'constructs';
import { CONTAINER, restartPodTemplate, type RestartPod } from './restart-pod';

/**
 * Maximum length of the name of the construct: with the fingerprint, the name of the Job must fit into a label of 63
 * characters.
 */
export const MAX_NAME = 52;
const FINGERPRINT_LENGTH = 10;
const EXIT_ERROR = 1;

/** Input for the Job of a restarter. */
export interface RestartJob extends RestartPod {
  readonly activeDeadlineSeconds: number;
}

/**
 * The spec of a Job that runs one restart.
 *
 * If a run fails, its exit code fails the Job immediately, because a repetition would start the rollouts that
 * `onFailure: stop` has prevented. An interrupted run continues in a new pod: evictions from drained nodes do not count
 * as failures, and a killed pod is replaced up to two times.
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

/**
 * A Job whose name ends with a fingerprint of the mesh and of the Job itself, because the fields of a Job are
 * immutable.
 */
export class FingerprintedJob extends ApiObject {
  /** @param mesh returns the data of the mesh, called when the app is complete */
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
