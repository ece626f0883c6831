import { latencyOf } from '../../bench/latency';

describe('the latency of loads', () => {
  const second = (at: number, millis: Readonly<Record<string, number>>) => ({ [at]: { millis } });

  it('is measured over all loads together, for requests that were due before, during and after the work', () => {
    const loads = [
      { ...second(10, { 1: 98, 7: 2 }), ...second(20, { 5: 1 }) },
      { ...second(15, { 9: 1, 100: 1 }), ...second(12, { 2: 1 }) },
    ];
    expect(latencyOf(loads, 12_500, 20_000)).toEqual({
      before: { p50: 1, p99: 7 },
      during: { p50: 9, p99: 100 },
      after: { p50: 5, p99: 5 },
    });
  });

  it('is an error where a phase has no request', () => {
    expect(() => latencyOf([second(10, { 1: 1 })], 12_000, 13_000)).toThrow('nothing was measured');
  });
});
