import { spreadOf } from '../../bench/spread';

describe('the spread of measurements', () => {
  it.each([
    [[5], { min: 5, median: 5, max: 5 }],
    [[10, 9, 100], { min: 9, median: 10, max: 100 }],
    [[4, 1, 3, 2], { min: 1, median: 2.5, max: 4 }],
  ])('of %j is %j', (values, spread) => {
    expect(spreadOf(values)).toEqual(spread);
  });

  it('leaves the measurements in their order', () => {
    const values = [3, 1, 2];
    spreadOf(values);
    expect(values).toEqual([3, 1, 2]);
  });

  it('of no measurements is an error', () => {
    expect(() => spreadOf([])).toThrow('nothing was measured');
  });
});
