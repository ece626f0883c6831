import { apiPath } from '../../cluster/api-path';
import type { KubernetesApi } from '../../cluster/api';
import { unlessNotFound } from '../../cluster/unless-not-found';
import type { KubernetesObject, StringMap } from '../../cluster/objects';

/** The fields of a PeerAuthentication that are read. */
export interface PeerAuthentication extends KubernetesObject {
  readonly spec?: {
    readonly selector?: { readonly matchLabels?: StringMap };
    readonly mtls?: { readonly mode?: string };
    readonly portLevelMtls?: Readonly<Record<string, { readonly mode?: string } | undefined>>;
  };
}

const VERSIONS = ['v1', 'v1beta1'];

/**
 * Reads PeerAuthentications in the newest version that is served; empty if the kind is not served.
 *
 * @param labelSelector reads only matching ones; by default, all
 * @throws ApiFailure
 */
export async function readPeerAuthentications(
  api: KubernetesApi,
  labelSelector?: string,
): Promise<readonly PeerAuthentication[]> {
  for (const version of VERSIONS) {
    const policies = await unlessNotFound(
      api.list<PeerAuthentication, PeerAuthentication>(
        apiPath({ apiVersion: `security.istio.io/${version}`, resource: 'peerauthentications' }),
        (policy) => policy,
        labelSelector === undefined ? {} : { labelSelector },
      ),
    );
    if (policies) {
      return policies;
    }
  }
  return [];
}
