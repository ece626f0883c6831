/** The oldest minor version of Istio whose charts `IstioModule` supports. */
export const MINIMUM_ISTIO_VERSION = '1.24.0';

const FORM = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/;

/** The problem with a version of Istio, if any. */
export function istioVersionProblem(version: string): string[] {
  const parsed = parse(version);
  const minimum = parse(MINIMUM_ISTIO_VERSION);
  if (!parsed) return [`version '${version}' is not a version: write MAJOR.MINOR.PATCH, such as '1.31.1'`];
  if (minimum && (parsed.major !== minimum.major || parsed.minor < minimum.minor)) {
    return [
      `version '${version}' is not supported: use a version of at least ${MINIMUM_ISTIO_VERSION}, below ${String(minimum.major + 1)}.0.0`,
    ];
  }
  return [];
}

/** The problem with a compatibility version, if any. The charts limit how old it may be. */
export function compatibilityVersionProblem(compatibilityVersion: string | undefined, version: string): string[] {
  if (compatibilityVersion === undefined) return [];
  const earlier = parse(`${compatibilityVersion}.0`);
  const own = parse(version);
  if (!earlier) {
    return [`compatibilityVersion '${compatibilityVersion}' is not a minor version: write MAJOR.MINOR, such as '1.30'`];
  }
  return !own || (earlier.major === own.major && earlier.minor < own.minor)
    ? []
    : [
        `compatibilityVersion '${compatibilityVersion}' is not below version '${version}': write an earlier minor version, or leave it out`,
      ];
}

/**
 * The number of minor versions by which one version is above another, negative if it is below. The minor version of an
 * invalid version counts as 0.
 */
export function minorVersionsAbove(version: string, other: string): number {
  return (parse(version)?.minor ?? 0) - (parse(other)?.minor ?? 0);
}

function parse(version: string): { major: number; minor: number } | undefined {
  const match = FORM.exec(version);
  return match ? { major: Number(match[1]), minor: Number(match[2]) } : undefined;
}
