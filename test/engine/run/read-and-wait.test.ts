import { readAndWait } from '../../../lib/engine/run/read-and-wait';
import type { Snapshot } from '../../../lib/engine/snapshot/snapshot';

const snapshot = (): Snapshot => ({ namespaces: new Map(), workloads: [] });
const ready = (hasWaited: boolean) => ({ hasWaited, notes: [], configurations: [] });

describe('readAndWait', () => {
  test('reads while it waits, and once where nothing had to be waited for', async () => {
    const read = jest.fn(() => Promise.resolve(snapshot()));
    const result = await readAndWait(read, () => {
      expect(read).toHaveBeenCalledTimes(1);
      return Promise.resolve(ready(false));
    });
    expect(read).toHaveBeenCalledTimes(1);
    expect(result.snapshot).toBe(await read.mock.results[0]?.value);
  });

  test('reads again what was read before the injector was ready', async () => {
    const read = jest.fn(() => Promise.resolve(snapshot()));
    const result = await readAndWait(read, () => Promise.resolve(ready(true)));
    expect(read).toHaveBeenCalledTimes(2);
    expect(result.snapshot).toBe(await read.mock.results[1]?.value);
  });

  test('fails as the reading does, also where the wait fails first', async () => {
    const read = () => new Promise<Snapshot>((_, reject) => setTimeout(reject, 20, new Error('not permitted')));
    await expect(readAndWait(read, () => Promise.reject(new Error('no injector')))).rejects.toThrow('not permitted');
    await expect(
      readAndWait(
        () => Promise.resolve(snapshot()),
        () => Promise.reject(new Error('no injector')),
      ),
    ).rejects.toThrow('no injector');
  });
});
