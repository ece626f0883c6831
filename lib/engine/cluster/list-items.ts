import type { AnswerReader } from './answer-reader';

/** Arrays of an item that are not parsed with it, as field paths with two segments, such as `spec.containers`. */
export interface UnparsedArrays {
  /** Omitted arrays. They are empty in the item. */
  readonly omitted: ReadonlySet<string>;
  /** Arrays that are passed as text in addition to the item. They are empty in the item. */
  readonly asText: ReadonlySet<string>;
}

/** The JSON texts of the arrays that were not parsed with the item. */
export type ArrayTexts = Readonly<Record<string, string | undefined>>;

interface Cut {
  path: string;
  start: number;
  end: number;
}

const enum Byte {
  QUOTE = 0x22,
  OPEN_ARRAY = 0x5b,
  BACKSLASH = 0x5c,
  /** The code of `{`, which is also the code of `[` with the bit `EITHER`. */
  OPEN = 0x7b,
  /** The code of `}`, which is also the code of `]` with the bit `EITHER`. */
  CLOSE = 0x7d,
  /** The bit in which the codes of brackets differ from those of braces. */
  EITHER = 0x20,
}

/** The number of open brackets within the list, its array of items, an item, and a field of an item. */
const enum Depth {
  LIST = 1,
  ITEMS = 2,
  ITEM = 3,
  FIELD = 4,
}

const BUFFER_BYTES = 256 * 1024;

/**
 * Splits a JSON list into items as it arrives, so that at most one item is held. Before an item is parsed, only its
 * brackets and strings are scanned. Omitted arrays are never parsed.
 */
export class ListItems implements AnswerReader {
  /**
   * Contains, from `start` to `end`, the bytes that have arrived but are not passed on yet. Within an item, these begin
   * with the item.
   */
  private buffer: Buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  private start = 0;
  private end = 0;
  /** The end of the scanned part. */
  private position = 0;
  private depth = 0;
  private isInString = false;
  private isInItems = false;
  /** The last complete string. When a bracket opens the value of a field, this is the key of the field. */
  private keyStart = 0;
  private keyEnd = 0;
  private fieldName = '';
  /**
   * The arrays to cut from this item: the first `cutCount` entries, and one more while `isCutting`. Reused for each
   * item, because V8 would move new objects into the old generation, which is not collected during a plan.
   */
  private readonly cuts: Cut[] = [];
  private cutCount = 0;
  private isCutting = false;
  private envelope = '';

  constructor(
    private readonly unparsed: UnparsedArrays,
    private readonly onItem: (text: string, arrays: ArrayTexts) => void,
    /** Receives the text of the list up to its items, once, before the first item. */
    private readonly onBeginning: (text: string) => void = () => undefined,
  ) {}

  push(chunk: Buffer): void {
    if (this.end + chunk.length > this.buffer.length) {
      this.makeRoom(chunk.length);
    }
    this.end += chunk.copy(this.buffer, this.end);
    this.scan();
  }

  /** The text of the list without its items; the whole text if it was not a list. */
  rest(): string {
    return this.envelope + this.buffer.toString('utf8', this.start, this.end);
  }

  private makeRoom(length: number): void {
    const { buffer, start, end } = this;
    const held = end - start;
    this.buffer =
      held + length > buffer.length ? Buffer.allocUnsafe(Math.max(2 * buffer.length, held + length)) : buffer;
    buffer.copy(this.buffer, 0, start, end);
    this.start = 0;
    this.end = held;
    this.position -= start;
    this.keyStart -= start;
    this.keyEnd -= start;
    for (const cut of this.cuts) {
      cut.start -= start;
      cut.end -= start;
    }
  }

  private scan(): void {
    const { buffer, end } = this;
    let { position, depth, isInString } = this;
    while (position < end) {
      if (isInString) {
        const close = this.closingQuote(position);
        if (close === undefined) {
          position = end;
          break;
        }
        isInString = false;
        this.keyEnd = close;
        position = close + 1;
      }
      let byte = 0;
      while (position < end && !isStructural((byte = buffer[position] as number))) {
        position += 1;
      }
      if (position >= end) {
        break;
      }
      if (byte === Byte.QUOTE) {
        isInString = true;
        this.keyStart = position + 1;
      } else if ((byte | Byte.EITHER) === Byte.OPEN) {
        if (depth <= Depth.FIELD) {
          this.open(position, depth, byte === Byte.OPEN_ARRAY);
        }
        depth += 1;
      } else if ((byte | Byte.EITHER) === Byte.CLOSE) {
        depth -= 1;
        if (depth <= Depth.FIELD && this.isInItems) {
          this.close(position, depth);
        }
      }
      position += 1;
    }
    this.position = position;
    this.depth = depth;
    this.isInString = isInString;
  }

  /** The end of the open string, if it has arrived: a quote after an even number of backslashes. */
  private closingQuote(from: number): number | undefined {
    const { buffer, end } = this;
    for (let quote = buffer.indexOf(Byte.QUOTE, from); quote >= 0 && quote < end;) {
      let unescaped = quote;
      while (buffer[unescaped - 1] === Byte.BACKSLASH) {
        unescaped -= 1;
      }
      if ((quote - unescaped) % 2 === 0) {
        return quote;
      }
      quote = buffer.indexOf(Byte.QUOTE, quote + 1);
    }
    return undefined;
  }

  private open(position: number, depth: number, isArray: boolean): void {
    if (!this.isInItems) {
      if (depth === Depth.LIST && isArray && this.key() === 'items') {
        this.isInItems = true;
        this.envelope += this.buffer.toString('utf8', this.start, position + 1);
        this.start = position + 1;
        this.onBeginning(this.envelope);
      }
    } else if (depth === Depth.ITEMS) {
      this.start = position;
    } else if (depth === Depth.ITEM) {
      this.fieldName = this.key();
    } else if (depth === Depth.FIELD && isArray) {
      const path = `${this.fieldName}.${this.key()}`;
      if (this.unparsed.omitted.has(path) || this.unparsed.asText.has(path)) {
        this.isCutting = true;
        this.nextCut().path = path;
        this.nextCut().start = position;
      }
    }
  }

  private close(position: number, depth: number): void {
    if (depth === Depth.FIELD && this.isCutting) {
      this.nextCut().end = position + 1;
      this.cutCount += 1;
      this.isCutting = false;
    } else if (depth === Depth.ITEMS) {
      this.emit(this.start, position + 1);
      this.start = position + 1;
    } else if (depth === Depth.LIST) {
      this.isInItems = false;
      this.start = position;
    }
  }

  private nextCut(): Cut {
    return (this.cuts[this.cutCount] ??= { path: '', start: 0, end: 0 });
  }

  private key(): string {
    return this.buffer.toString('latin1', this.keyStart, this.keyEnd);
  }

  private emit(start: number, end: number): void {
    let text = '';
    let from = start;
    const arrays: Record<string, string> = {};
    for (const cut of this.cuts.slice(0, this.cutCount)) {
      text += `${this.buffer.toString('utf8', from, cut.start)}[]`;
      from = cut.end;
      if (this.unparsed.asText.has(cut.path)) {
        arrays[cut.path] = this.buffer.toString('utf8', cut.start, cut.end);
      }
    }
    this.cutCount = 0;
    this.onItem(text + this.buffer.toString('utf8', from, end), arrays);
  }
}

/** Quotes, brackets and braces. Includes some letters, which are rare outside strings. */
function isStructural(byte: number): boolean {
  return byte === Byte.QUOTE || byte >= Byte.OPEN_ARRAY;
}
