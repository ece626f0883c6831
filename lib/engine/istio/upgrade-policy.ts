import { RestartError } from '../restart-error';

interface Version {
  readonly major: number;
  readonly minor: number;
}

/** Options of {@link checkUpgrade}. */
export interface UpgradeOptions {
  /**
   * Whether to allow a downgrade by one minor version. Istio does not support proxies ahead of their control plane.
   * After a downgrade, features of the later version have no effect, and running proxies are ahead until a restart
   * gives them the earlier version.
   *
   * @default false
   * @see https://istio.io/latest/docs/releases/supported-releases/#control-planedata-plane-skew
   */
  readonly allowDowngrade?: boolean;
}

/**
 * Rejects in-place upgrades that Istio does not support. Allows any step within a minor version, an upgrade by one
 * minor version and, on request, a downgrade by one minor version.
 *
 * @throws RestartError `UpgradeRefused`, `InvalidOption`
 * @see https://istio.io/latest/docs/setup/upgrade/in-place/
 */
export function checkUpgrade(from: string, to: string, { allowDowngrade = false }: UpgradeOptions = {}): void {
  const [old, wanted] = [parseVersion(from), parseVersion(to)];
  const refuse = (problem: string, remedy: string) => new RestartError('UpgradeRefused', problem, { remedy });
  if (wanted.major < old.major) {
    throw refuse(`Istio ${to} has an earlier major version than the installed ${from}`, `keep ${from}`);
  }
  const forward = wanted.minor - old.minor;
  const next = (minor: number) => `${String(old.major)}.${String(minor)}`;
  if (wanted.major > old.major || forward > 1) {
    throw refuse(
      `An upgrade from Istio ${from} to ${to} spans more than one minor version`,
      `upgrade to ${next(old.minor + 1)} first`,
    );
  }
  if (forward < -1) {
    throw refuse(
      `A downgrade from Istio ${from} to ${to} spans more than one minor version`,
      `downgrade to ${next(old.minor - 1)} first, with allowDowngrade`,
    );
  }
  if (forward === -1 && !allowDowngrade) {
    throw refuse(
      `Istio ${to} is one minor version earlier than the installed ${from}`,
      `to downgrade, set allowDowngrade (flag --allow-downgrade of check)`,
    );
  }
}

function parseVersion(version: string): Version {
  const match = /^v?(\d+)\.(\d+)\.\d+(?:[-+].*)?$/.exec(version);
  if (!match) {
    throw new RestartError('InvalidOption', `"${version}" is not a version of Istio`, {
      remedy: 'write a version such as 1.31.1',
    });
  }
  return { major: Number(match[1]), minor: Number(match[2]) };
}
