import { selfTimes } from '../../bench/profile';

describe('a CPU profile', () => {
  const node = (id: number, functionName: string, url = '') => ({ id, callFrame: { functionName, url } });
  const profile = {
    nodes: [
      node(1, '(idle)'),
      node(2, 'parse', 'file:///home/someone/project/lib/read.js'),
      node(3, '', 'node:internal/url'),
      node(4, 'parse', 'file:///home/someone/project/lib/read.js'),
    ],
    samples: [1, 2, 3, 4],
    timeDeltas: [90_000, 5_000, 2_500, 2_500],
  };

  it('lists the share of each function in the time that is not idle, largest first, without paths of the machine', () => {
    expect(selfTimes(profile)).toEqual([
      ' 75.0 %       8 ms  parse, lib/read.js',
      ' 25.0 %       3 ms  (anonymous), node:internal/url',
    ]);
  });

  it('is cut to the given number of functions', () => {
    expect(selfTimes(profile, 1)).toHaveLength(1);
  });
});
