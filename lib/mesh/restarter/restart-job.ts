import { createHash } from 'node:crypto';
import { ApiObject, type ApiObjectProps } from 'cdk8s';
import type { Construct } from 'constructs';
import type { RenderedResources } from '../installation/container-resources';

/** Of the name of the Job, the part that is left for the construct: with the fingerprint, a label holds at most 63. */
export const MAX_NAME = 52;
const FINGERPRINT_LENGTH = 10;
const EXIT_ERROR = 1;

/** What the pods of a restarter are made from. */
export interface RestartPod {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly resources: RenderedResources;
  readonly activeDeadlineSeconds: number;
}

/**
 * The spec of a Job that runs one restart.
 *
 * A run that ends by itself has decided something, and a repetition would start the rollouts that `onFailure: stop` has
 * kept from starting: its exit code fails the Job. An interrupted run has decided nothing, and continues where it was:
 * a drained node does not count, and a pod that is killed is replaced twice.
 */
export function restartJobSpec(pod: RestartPod): Record<string, unknown> {
  return {
    backoffLimit: 2,
    activeDeadlineSeconds: pod.activeDeadlineSeconds,
    podFailurePolicy: {
      rules: [
        { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
        {
          action: 'FailJob',
          onExitCodes: { containerName: 'restart', operator: 'In', values: [EXIT_ERROR] },
        },
      ],
    },
    template: {
      metadata: { labels: { ...pod.labels, 'sidecar.istio.io/inject': 'false' } },
      spec: {
        serviceAccountName: pod.name,
        restartPolicy: 'Never',
        enableServiceLinks: false,
        // The user is the image's, so that a platform may assign another one.
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            name: 'restart',
            image: pod.image,
            args: pod.args,
            resources: pod.resources,
            securityContext: {
              allowPrivilegeEscalation: false,
              capabilities: { drop: ['ALL'] },
              readOnlyRootFilesystem: true,
            },
            // The pod's status then has the reason of a failure.
            terminationMessagePolicy: 'FallbackToLogsOnError',
          },
        ],
      },
    },
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
