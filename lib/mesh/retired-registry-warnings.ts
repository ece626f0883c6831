import { RETIREMENT, retiredRegistry } from '../retired-registries';

/** A place in what the user wrote, such as `hub`, and the image or hub that it names. */
export interface ImageAddress {
  readonly place: string;
  readonly address: string;
}

/** All texts in values, with the path to each; few of them are addresses of images. */
export function textsIn(place: string, value: unknown): ImageAddress[] {
  if (typeof value === 'string') return [{ place, address: value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => textsIn(`${place}.${key}`, inner));
}

/** A warning for each place whose image comes from a retired registry; the same one once. */
export function retiredRegistryWarnings(addresses: readonly ImageAddress[]): string[] {
  const found = addresses.flatMap(({ place, address }) => {
    const registry = retiredRegistry(address);
    return registry === undefined
      ? []
      : `${place} '${address}' is in the registry ${registry}, ${RETIREMENT}: write docker.io/istio instead of it, or a mirror of your own`;
  });
  return [...new Set(found)];
}
