import { WatchLines } from '../../../lib/engine/cluster/watch-lines';

describe('the lines of a watch', () => {
  function linesOf(...chunks: readonly Buffer[]): readonly string[] {
    const lines: string[] = [];
    const reader = new WatchLines((line) => lines.push(line));
    chunks.forEach((chunk) => {
      reader.push(chunk);
    });
    return lines;
  }

  test('are complete, however the bytes arrive, and an unfinished line is held back', () => {
    const bytes = Buffer.from('{"name":"größer"}\n\n{"name":"b"}\n{"name":');
    const expected = ['{"name":"größer"}', '{"name":"b"}'];
    expect(linesOf(bytes)).toEqual(expected);
    expect(linesOf(...[...bytes].map((byte) => Buffer.from([byte])))).toEqual(expected);
  });

  test('have a limit', () => {
    const megabyte = Buffer.alloc(1024 * 1024, 'a');
    expect(() => linesOf(...Array<Buffer>(9).fill(megabyte))).toThrow(
      'a line of the watch is longer than 8388608 bytes',
    );
  });
});
