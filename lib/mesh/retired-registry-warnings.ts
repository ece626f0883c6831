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

/**
 * Warns of images that come from a retired registry, each once, by Node's own means: it writes to standard error, and
 * `--disable-warning=RetiredRegistry` turns it off.
 *
 * @param subject what the places are in
 */
export function warnOfRetiredRegistries(subject: string, addresses: readonly ImageAddress[]): void {
  const found = addresses.flatMap(({ place, address }) => {
    const registry = retiredRegistry(address);
    return registry === undefined
      ? []
      : `${subject}: ${place} '${address}' is in the registry ${registry}, ${RETIREMENT}: write docker.io/istio instead of it, or a mirror of your own`;
  });
  for (const message of new Set(found)) {
    process.emitWarning(message, { type: 'IstioModuleWarning', code: 'RetiredRegistry' });
  }
}
