import type { ObjectMeta } from '../../cluster/objects';

/** Marks objects that this package creates for the duration of a transition. */
export const TRANSITION_LABEL = 'istio-module/transition';

const MUTUAL_TLS = 'mutual-tls';

/** Selects the policies of transitions. */
export const TRANSITION_SELECTOR = `${TRANSITION_LABEL}=${MUTUAL_TLS}`;

const NAME = 'istio-module-transition';

/** The policy with which a namespace accepts plain text in addition to mutual TLS. */
export function transitionPolicy(namespace: string) {
  return {
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: {
      name: NAME,
      namespace,
      labels: { [TRANSITION_LABEL]: MUTUAL_TLS },
      annotations: {
        'istio-module/description':
          'Workloads of this namespace are entering or leaving the mesh. The run of istio-module that restarts the last of them deletes this object.',
      },
    },
    spec: { mtls: { mode: 'PERMISSIVE' } },
  } as const;
}

export function isTransition({ metadata }: { readonly metadata: Pick<ObjectMeta, 'name' | 'labels'> }): boolean {
  return metadata.name === NAME && metadata.labels?.[TRANSITION_LABEL] === MUTUAL_TLS;
}
