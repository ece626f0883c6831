import { checkUpgrade } from '../../../lib/engine/istio/upgrade-policy';

describe('checkUpgrade', () => {
  test.each([
    ['1.31.1', '1.31.1'],
    ['1.31.1', '1.31.2'],
    ['1.30.2', '1.31.0'],
    ['v1.30.2', '1.31.0'],
    ['1.9.9', '1.10.0'],
    ['1.31.0-rc.1', '1.31.0'],
  ])('allows %s to %s', (from, to) => {
    expect(() => {
      checkUpgrade(from, to);
    }).not.toThrow();
  });

  test.each([
    [
      '1.31.1',
      '1.31.0',
      'UpgradeRefused',
      'Istio 1.31.0 is older than the 1.31.1 that is installed, and a downgrade is not supported; keep 1.31.1, or uninstall Istio first.',
    ],
    [
      '1.10.0',
      '1.9.9',
      'UpgradeRefused',
      'Istio 1.9.9 is older than the 1.10.0 that is installed, and a downgrade is not supported; keep 1.10.0, or uninstall Istio first.',
    ],
    [
      '1.29.0',
      '1.31.1',
      'UpgradeRefused',
      'From Istio 1.29.0 to 1.31.1 is more than one minor version; go to 1.30 first.',
    ],
    ['1.31.1', 'latest', 'InvalidOption', '"latest" is not a version of Istio; write one like 1.31.1.'],
    ['1.31', '1.31.1', 'InvalidOption', '"1.31" is not a version of Istio; write one like 1.31.1.'],
  ])('refuses %s to %s', (from, to, code, message) => {
    expect(() => {
      checkUpgrade(from, to);
    }).toThrow(expect.objectContaining({ code, message }) as Error);
  });
});
