import { changeText } from '../injector/change-text';
import type { Difference } from '../injector/differences';

/**
 * Differences as short lines for people, such as `istio-init, istio-proxy: image A → B`. Combines equal differences of
 * several containers in one line, at the position of the first. Adds the pods if only some outdated pods have the
 * difference.
 */
export function differenceLines(differences: readonly Difference[]): readonly string[] {
  const places = new Map<string, string[]>();
  for (const difference of differences) {
    const { place, change } = parted(difference);
    places.set(change, [...(places.get(change) ?? []), place]);
  }
  return [...places].map(([change, names]) => `${names.join(', ')}: ${change}`);
}

/**
 * Splits a path into the container's name or `volumes`, and the rest. The paths of the revision and of a whole sidecar
 * have no rest.
 */
function parted({ path, old, new: now, pods }: Difference): { readonly place: string; readonly change: string } {
  const [place, field] = path === 'istio.io/rev' ? [path, ''] : (/^([^.]+)\.(.+)$/.exec(path)?.slice(1) ?? [path, '']);
  const where = pods ? ` (in ${pods.join(', ')})` : '';
  const text = changeText({ old, new: now });
  const change = changeOfRegistry(field, old, now) ?? (field ? `${field} ${text}` : text);
  return { place: place ?? path, change: `${change}${where}` };
}

/**
 * The change of an image's registry, such as after a change of `hub`; undefined for any other change, and if the text
 * of an image was shortened.
 */
function changeOfRegistry(field: string | undefined, old: string, now: string): string | undefined {
  const [[from, image], [to, same]] = [partedImage(old), partedImage(now)];
  return field === 'image' && image === same && from !== '' && to !== '' && !`${old}${now}`.includes('…')
    ? `registry ${from} → ${to} (the image ${image} is the same)`
    : undefined;
}

function partedImage(image: string): readonly [registry: string, image: string] {
  const end = image.lastIndexOf('/');
  return [image.slice(0, Math.max(end, 0)), image.slice(end + 1)];
}
