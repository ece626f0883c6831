import { type Machine, noRealNodeBecause } from './machine';
import { lineInsteadOf } from './on-real-node';

const fit: Machine = { platform: 'linux', root: true, missing: [], aptGet: false };

describe('a machine', () => {
  test.each<[string, Partial<Machine>, string | undefined]>([
    ['with everything installed can run a real node', {}, undefined],
    ['that can install what it lacks can run a real node', { missing: ['runc'], aptGet: true }, undefined],
    [
      'with another system cannot run a real node',
      { platform: 'darwin' },
      'the real node needs Linux, and this is darwin',
    ],
    [
      'without root cannot run a real node',
      { root: false },
      'the real node needs root, for its namespaces and its network',
    ],
    [
      'that cannot install what it lacks cannot run a real node',
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
