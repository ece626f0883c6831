/**
 * Registries of Istio's images that shut down in December 2026, and do not provide Istio 1.31 or later:
 * istio/istio#61467.
 */
const RETIRED_REGISTRIES = ['gcr.io/istio-release', 'registry.istio.io/release'] as const;

/** The end of a sentence about images from a registry that {@link retiredRegistry} returns. */
export const RETIREMENT = 'which Istio shuts down in December 2026, and which does not provide Istio 1.31 or later';

/** The retired registry of an image or a hub; undefined for other registries. */
export function retiredRegistry(address: string): string | undefined {
  return RETIRED_REGISTRIES.find((registry) => address === registry || address.startsWith(`${registry}/`));
}
