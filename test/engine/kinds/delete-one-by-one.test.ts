import { deleteOneByOne } from '../../../lib/engine/kinds/delete-one-by-one';

const CAUSE = 'replaces pods only when they are deleted';

describe('the command that deletes pods', () => {
  test.each<[string, readonly string[], string, string]>([
    ['is complete for one pod', ['vault-0'], 'vault-0', CAUSE],
    [
      'begins with the highest ordinal',
      ['vault-0', 'vault-1', 'vault-10', 'vault-2'],
      'vault-10',
      `${CAUSE} (delete one pod at a time)`,
    ],
    [
      'begins with the first pod without ordinals',
      ['rs-7sbkx', 'rs-24567', 'rs-w2lzp'],
      'rs-7sbkx',
      `${CAUSE} (delete one pod at a time)`,
    ],
  ])('%s', (_, names, expected, sentence) => {
    const pods = names.map((name) => ({ name, labels: {} }));
    expect(deleteOneByOne(CAUSE, 'shop', pods)).toEqual({
      sentence,
      remedy: `kubectl -n shop delete pod ${expected}`,
    });
  });
});
