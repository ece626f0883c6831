import { type Machine, noRealNodeBecause } from './machine';
import { lineInsteadOf } from './on-real-node';

const fit: Machine = { platform: 'linux', root: true, missing: [], aptGet: false };

describe('a machine', () => {
  test.each<[string, Partial<Machine>, string | undefined]>([
    ['with all it takes', {}, undefined],
    ['that can install what it lacks', { missing: ['runc'], aptGet: true }, undefined],
    ['of another system', { platform: 'darwin' }, 'the real node needs Linux, and this is darwin'],
    ['without root', { root: false }, 'the real node needs root, for its namespaces and its network'],
    [
      'that cannot install what it lacks',
      { missing: ['runc', 'iptables'] },
      'the real node needs runc, iptables where Debian has them, and there is no apt-get',
    ],
  ])('%s', (_what, machine, reason) => {
    expect(noRealNodeBecause({ ...fit, ...machine })).toBe(reason);
  });
});

describe('without a real node, its tests', () => {
  test('are replaced by a line', () => {
    expect(lineInsteadOf('traffic', 'want of root', false)).toBe('not run: traffic, for want of root');
  });

  test('fail in CI', () => {
    expect(() => lineInsteadOf('traffic', 'want of root', true)).toThrow('not run: traffic, for want of root');
  });
});
