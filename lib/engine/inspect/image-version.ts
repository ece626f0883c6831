/** The compared parts of a version. */
export interface MinorVersion {
  readonly major: number;
  readonly minor: number;
}

const TAG = /^v?(\d+\.\d+(?:\.\d+(?:-(?:alpha|beta|rc)(?:\.[0-9a-z]+)?)?)?)(?:[-+_.].*)?$/;

/** The version in the tag of an Istio image, such as `1.31.1`; undefined if the tag contains none. */
export function imageVersion(image: string): string | undefined {
  const [named = ''] = image.split('@');
  const tag = /:([^:/]+)$/.exec(named)?.[1];
  return tag === undefined ? undefined : TAG.exec(tag)?.[1];
}

/** Major and minor version of a result of {@link imageVersion}. */
export function minorVersion(version: string): MinorVersion {
  const [major = 0, minor = 0] = version.split('.').map((part) => parseInt(part, 10));
  return { major, minor };
}

/** Sorts versions from old to new, and unknown versions, which are empty, last. */
export function compareVersions(a: string, b: string): number {
  if (a === '' || b === '') {
    return Number(a === '') - Number(b === '');
  }
  return a.localeCompare(b, 'en', { numeric: true });
}
