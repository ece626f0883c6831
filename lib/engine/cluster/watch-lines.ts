import type { AnswerReader } from './answer-reader';

const NEWLINE = 0x0a;
const LONGEST_LINE_BYTES = 8 * 1024 * 1024;

/** Passes on each line of a watch as it arrives. */
export class WatchLines implements AnswerReader {
  private readonly pending: Buffer[] = [];
  private pendingBytes = 0;

  constructor(private readonly onLine: (line: string) => void) {}

  /** @throws Error for a line that is longer than any object */
  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.pending.push(chunk.subarray(start, end));
      const line = Buffer.concat(this.pending.splice(0)).toString('utf8');
      this.pendingBytes = 0;
      start = end + 1;
      if (line !== '') {
        this.onLine(line);
      }
    }
    this.pending.push(chunk.subarray(start));
    this.pendingBytes += chunk.length - start;
    if (this.pendingBytes > LONGEST_LINE_BYTES) {
      throw new Error(`a line of the watch is longer than ${String(LONGEST_LINE_BYTES)} bytes`);
    }
  }

  rest(): string {
    return '{}';
  }
}
