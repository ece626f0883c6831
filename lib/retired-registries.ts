/**
 * Registries of Istio's images that shut down in December 2026, and have no versions from 1.31 on: istio/istio#61467.
 */
const RETIRED_REGISTRIES = ['gcr.io/istio-release', 'registry.istio.io/release'] as const;

/** The end of a sentence about images of a registry that {@link retiredRegistry} finds. */
export const RETIREMENT = 'which Istio shuts down in December 2026, and which has no version from 1.31 on';

/** The retired registry of an image or a hub; undefined for other registries. */
export function retiredRegistry(address: string): string | undefined {
  return RETIRED_REGISTRIES.find((registry) => address === registry || address.startsWith(`${registry}/`));
}
