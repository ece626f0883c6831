import { sameQuantity } from '../../../lib/engine/cluster/quantity';

describe('sameQuantity', () => {
  test.each([
    ['1000m', '1'],
    ['0.5', '500m'],
    ['1Gi', '1024Mi'],
    ['1e3', '1k'],
    ['128974848', '123Mi'],
    ['100M', '0.1G'],
    ['0', '0m'],
    ['whatever', 'whatever'],
  ])('%s is %s', (left, right) => {
    expect(sameQuantity(left, right)).toBe(true);
  });

  test.each([
    ['1', '1m'],
    ['1Gi', '1G'],
    ['100m', '101m'],
    ['1', 'whatever'],
    ['1', undefined],
  ])('%s is not %s', (left, right) => {
    expect(sameQuantity(left, right)).toBe(false);
  });
});
