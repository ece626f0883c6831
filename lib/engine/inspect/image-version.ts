/** A version as far as it is compared. */
export interface MinorVersion {
  readonly major: number;
  readonly minor: number;
}

const TAG = /^v?(\d+\.\d+(?:\.\d+(?:-(?:alpha|beta|rc)(?:\.[0-9a-z]+)?)?)?)(?:[-+_.].*)?$/;

/** The version that the tag of an image of Istio says, such as `1.31.1`; undefined when it says none. */
export function imageVersion(image: string): string | undefined {
  const [named = ''] = image.split('@');
  const tag = /:([^:/]+)$/.exec(named)?.[1];
  return tag === undefined ? undefined : TAG.exec(tag)?.[1];
}

/** Major and minor version of what {@link imageVersion} gave. */
export function minorVersion(version: string): MinorVersion {
  const [major = 0, minor = 0] = version.split('.').map((part) => parseInt(part, 10));
  return { major, minor };
}

/** Orders versions from old to new, and those that are not known, which are empty, last. */
export function compareVersions(a: string, b: string): number {
  if (a === '' || b === '') {
    return Number(a === '') - Number(b === '');
  }
  return a.localeCompare(b, 'en', { numeric: true });
}
