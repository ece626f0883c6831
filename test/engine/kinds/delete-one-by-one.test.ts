import { deleteOneByOne } from '../../../lib/engine/kinds/delete-one-by-one';

describe('the command that deletes pods', () => {
  test.each<[string, readonly string[], string]>([
    ['is complete for one pod', ['vault-0'], 'vault-0'],
    [
      'begins with the highest ordinal',
      ['vault-0', 'vault-1', 'vault-10', 'vault-2'],
      'vault-10 # delete the next pod once its replacement is ready',
    ],
    [
      'begins with the first pod without ordinals',
      ['rs-7sbkx', 'rs-24567', 'rs-w2lzp'],
      'rs-7sbkx # delete the next pod once its replacement is ready',
    ],
  ])('%s', (_, names, expected) => {
    const pods = names.map((name) => ({ name, labels: {} }));
    expect(deleteOneByOne('shop', pods)).toBe(`kubectl -n shop delete pod ${expected}`);
  });
});
