import { RestartError } from '../restart-error';

interface Version {
  readonly major: number;
  readonly minor: number;
}

/** What {@link checkUpgrade} is to allow beyond the rule. */
export interface UpgradeOptions {
  /**
   * Whether the step may be one back to the minor version before. Istio supports no proxy ahead of its control plane: until
   * they are restarted, proxies of the later version run with an earlier one. And what only the later version knows has no
   * effect any more.
   *
   * @default false
   * @see https://istio.io/latest/docs/releases/supported-releases/#control-planedata-plane-skew
   */
  readonly allowDowngrade?: boolean;
}

/**
 * Refuses steps in place that Istio does not support. Within a minor version it goes back and forth; from one to another,
 * one at a time, and back on request alone.
 *
 * @throws RestartError `UpgradeRefused`, `InvalidOption`
 * @see https://istio.io/latest/docs/setup/upgrade/in-place/
 */
export function checkUpgrade(from: string, to: string, { allowDowngrade = false }: UpgradeOptions = {}): void {
  const [old, wanted] = [parseVersion(from), parseVersion(to)];
  const refuse = (problem: string, remedy: string) => new RestartError('UpgradeRefused', problem, { remedy });
  if (wanted.major < old.major) {
    throw refuse(`Istio ${to} is of an earlier major version than the ${from} that is installed`, `keep ${from}`);
  }
  const forward = wanted.minor - old.minor;
  const next = (minor: number) => `${String(old.major)}.${String(minor)}`;
  if (wanted.major > old.major || forward > 1) {
    throw refuse(`From Istio ${from} to ${to} is more than one minor version`, `go to ${next(old.minor + 1)} first`);
  }
  if (forward < -1) {
    throw refuse(
      `From Istio ${from} back to ${to} is more than one minor version`,
      `go back to ${next(old.minor - 1)} first, with allowDowngrade`,
    );
  }
  if (forward === -1 && !allowDowngrade) {
    throw refuse(
      `Istio ${to} is of the minor version before the ${from} that is installed`,
      `to go back, set allowDowngrade (check --allow-downgrade)`,
    );
  }
}

function parseVersion(version: string): Version {
  const match = /^v?(\d+)\.(\d+)\.\d+(?:[-+].*)?$/.exec(version);
  if (!match) {
    throw new RestartError('InvalidOption', `"${version}" is not a version of Istio`, {
      remedy: 'write one like 1.31.1',
    });
  }
  return { major: Number(match[1]), minor: Number(match[2]) };
}
