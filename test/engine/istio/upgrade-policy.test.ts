import { checkUpgrade } from '../../../lib/engine/istio/upgrade-policy';

describe('checkUpgrade', () => {
  test.each([
    ['1.31.1', '1.31.1'],
    ['1.31.1', '1.31.2'],
    ['1.30.2', '1.31.0'],
    ['v1.30.2', '1.31.0'],
    ['1.9.9', '1.10.0'],
    ['1.31.0-rc.1', '1.31.0'],
    ['1.31.1', '1.31.0'],
    ['1.31.1', '1.31.0-rc.1'],
  ])('allows %s to %s', (from, to) => {
    expect(() => {
      checkUpgrade(from, to);
    }).not.toThrow();
  });

  test.each([
    ['1.31.1', '1.30.2'],
    ['1.10.0', '1.9.9'],
    ['1.31.1', '1.31.0'],
    ['1.30.2', '1.31.0'],
  ])('allows %s to %s where going back is allowed', (from, to) => {
    expect(() => {
      checkUpgrade(from, to, { allowDowngrade: true });
    }).not.toThrow();
  });

  const UNASKED = 'to downgrade, set allowDowngrade (flag --allow-downgrade of check).';

  test.each([
    [
      '1.31.1',
      '1.30.9',
      'UpgradeRefused',
      `Istio 1.30.9 is one minor version earlier than the installed 1.31.1; ${UNASKED}`,
    ],
    [
      '1.10.0',
      '1.9.9',
      'UpgradeRefused',
      `Istio 1.9.9 is one minor version earlier than the installed 1.10.0; ${UNASKED}`,
    ],
    ['1.31.1', 'latest', 'InvalidOption', '"latest" is not a version of Istio; write a version such as 1.31.1.'],
    ['1.31', '1.31.1', 'InvalidOption', '"1.31" is not a version of Istio; write a version such as 1.31.1.'],
  ])('refuses %s to %s', (from, to, code, message) => {
    expect(() => {
      checkUpgrade(from, to);
    }).toThrow(expect.objectContaining({ code, message }) as Error);
  });

  describe.each([{ allowDowngrade: false }, { allowDowngrade: true }])('whatever is allowed: %p', (options) => {
    test.each([
      [
        '1.29.0',
        '1.31.1',
        'An upgrade from Istio 1.29.0 to 1.31.1 spans more than one minor version; upgrade to 1.30 first.',
      ],
      [
        '1.31.1',
        '2.0.0',
        'An upgrade from Istio 1.31.1 to 2.0.0 spans more than one minor version; upgrade to 1.32 first.',
      ],
      [
        '1.31.1',
        '1.29.4',
        'A downgrade from Istio 1.31.1 to 1.29.4 spans more than one minor version; downgrade to 1.30 first, with allowDowngrade.',
      ],
      ['2.0.0', '1.31.1', 'Istio 1.31.1 has an earlier major version than the installed 2.0.0; keep 2.0.0.'],
    ])('refuses %s to %s', (from, to, message) => {
      expect(() => {
        checkUpgrade(from, to, options);
      }).toThrow(expect.objectContaining({ code: 'UpgradeRefused', message }) as Error);
    });
  });
});
