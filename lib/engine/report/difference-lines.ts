import { changeText } from '../injector/change-text';
import type { Difference } from '../injector/differences';

/**
 * Differences as short lines for a person, `istio-init, istio-proxy: image A → B`: those that several containers have in
 * common in one, at the place of the first; with the pods, where not all that are out of date differ so.
 */
export function differenceLines(differences: readonly Difference[]): readonly string[] {
  const places = new Map<string, string[]>();
  for (const difference of differences) {
    const { place, change } = parted(difference);
    places.set(change, [...(places.get(change) ?? []), place]);
  }
  return [...places].map(([change, names]) => `${names.join(', ')}: ${change}`);
}

/** A path begins with the container's name or with `volumes`; that of the revision and of a whole sidecar is all there is. */
function parted({ path, old, new: now, pods }: Difference): { readonly place: string; readonly change: string } {
  const [place, field] = path === 'istio.io/rev' ? [path, ''] : (/^([^.]+)\.(.+)$/.exec(path)?.slice(1) ?? [path, '']);
  const where = pods ? ` (in ${pods.join(', ')})` : '';
  const text = changeText({ old, new: now });
  const change = changeOfRegistry(field, old, now) ?? (field ? `${field} ${text}` : text);
  return { place: place ?? path, change: `${change}${where}` };
}

/** The same image from elsewhere, as after a change of `hub`; nothing where not all of both images is shown. */
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
