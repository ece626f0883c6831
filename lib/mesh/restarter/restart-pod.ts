import type { RenderedResources } from '../installation/container-resources';

/** What the pods of a restarter are made from. */
export interface RestartPod {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly resources: RenderedResources;
}

/** What is different about the pods of a workload. */
export interface RestartPodFields {
  readonly restartPolicy: 'Always' | 'Never';
  /** Fields of the pod beside those that all have. */
  readonly pod?: Readonly<Record<string, unknown>>;
  /** Fields of the container beside those that all have. */
  readonly container?: Readonly<Record<string, unknown>>;
}

/** The name of the container. */
export const CONTAINER = 'restart';

/** The template of pods that get no sidecar and meet the Pod Security Standard `restricted`. */
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
      // The user is the image's, so that a platform may assign another one.
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
          // The pod's status then has the reason of a failure.
          terminationMessagePolicy: 'FallbackToLogsOnError',
        },
      ],
    },
  };
}
