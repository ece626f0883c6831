import { RETIREMENT, retiredRegistry } from '../retired-registries';

/** A field that the user set, such as `hub`, and the image or hub that it names. */
export interface ImageAddress {
  readonly place: string;
  readonly address: string;
}

/** All strings in values with their paths; only a few of them are image addresses. */
export function textsIn(place: string, value: unknown): ImageAddress[] {
  if (typeof value === 'string') return [{ place, address: value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => textsIn(`${place}.${key}`, inner));
}

/** A warning for each field whose image comes from a retired registry, without duplicates. */
export function retiredRegistryWarnings(addresses: readonly ImageAddress[]): string[] {
  const found = addresses.flatMap(({ place, address }) => {
    const registry = retiredRegistry(address);
    return registry === undefined
      ? []
      : `${place} '${address}' is in the registry ${registry}, ${RETIREMENT}: write docker.io/istio instead, or a mirror of your own`;
  });
  return [...new Set(found)];
}
