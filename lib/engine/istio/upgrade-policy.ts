import { RestartError } from '../restart-error';

interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/**
 * Istio supports an upgrade in place by one minor version at a time, and none backwards.
 *
 * @throws RestartError `UpgradeRefused`, `InvalidOption`
 * @see https://istio.io/latest/docs/setup/upgrade/in-place/
 */
export function checkUpgrade(from: string, to: string): void {
  const [old, wanted] = [parseVersion(from), parseVersion(to)];
  if (compareVersions(wanted, old) < 0) {
    throw new RestartError(
      'UpgradeRefused',
      `Istio ${to} is older than the ${from} that is installed, and a downgrade is not supported`,
      { remedy: `keep ${from}, or uninstall Istio first` },
    );
  }
  if (wanted.major !== old.major || wanted.minor > old.minor + 1) {
    throw new RestartError('UpgradeRefused', `From Istio ${from} to ${to} is more than one minor version`, {
      remedy: `go to ${String(old.major)}.${String(old.minor + 1)} first`,
    });
  }
}

function parseVersion(version: string): Version {
  const match = /^v?(\d+)\.(\d+)\.(\d+)(?:[-+].*)?$/.exec(version);
  if (!match) {
    throw new RestartError('InvalidOption', `"${version}" is not a version of Istio`, {
      remedy: 'write one like 1.31.1',
    });
  }
  const [, major, minor, patch] = match.map(Number) as [number, number, number, number];
  return { major, minor, patch };
}

function compareVersions(a: Version, b: Version): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch;
}
