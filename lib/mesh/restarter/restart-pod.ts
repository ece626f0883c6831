import type { RenderedResources } from '../installation/container-resources';

/** Input for the pods of a restarter. */
export interface RestartPod {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly resources: RenderedResources;
}

/** Fields that differ between the workloads of a restarter. */
export interface RestartPodFields {
  readonly restartPolicy: 'Always' | 'Never';
  /** Additional fields of the pod. */
  readonly pod?: Readonly<Record<string, unknown>>;
  /** Additional fields of the container. */
  readonly container?: Readonly<Record<string, unknown>>;
}

/** The name of the container. */
export const CONTAINER = 'restart';

/** The pod template of a restarter. The pods get no sidecar and meet the Pod Security Standard `restricted`. */
export function restartPodTemplate(
  { name, image, args, labels, resources }: RestartPod,
  { restartPolicy, pod = {}, container = {} }: RestartPodFields,
): Record<string, unknown> {
  return {
    metadata: { labels: { ...labels, 'sidecar.istio.io/inject': 'false' } },
    spec: {
      serviceAccountName: name,
      restartPolicy,
      ...pod,
      enableServiceLinks: false,
      // The image sets the user instead of the manifest, so that a platform can assign another one.
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: CONTAINER,
          image,
          args,
          resources,
          ...container,
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
            readOnlyRootFilesystem: true,
          },
          // The pod's status then contains the reason for a failure.
          terminationMessagePolicy: 'FallbackToLogsOnError',
        },
      ],
    },
  };
}
