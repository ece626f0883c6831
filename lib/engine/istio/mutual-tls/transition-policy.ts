import type { ObjectMeta } from '../../cluster/objects';

/** Marks what this package has made for the time of a transition. */
export const TRANSITION_LABEL = 'istio-module/transition';

const MUTUAL_TLS = 'mutual-tls';

/** Selects it. */
export const TRANSITION_SELECTOR = `${TRANSITION_LABEL}=${MUTUAL_TLS}`;

const NAME = 'istio-module-transition';

/** The policy under which a namespace accepts plain text beside mutual TLS. */
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
