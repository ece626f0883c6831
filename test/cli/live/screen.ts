/** A terminal's screen, including the rows that have scrolled off it, with the features that the live view needs. */
export class Screen {
  private readonly rows: string[] = [''];
  private row = 0;
  private column = 0;

  constructor(
    private readonly columns: number,
    /** How many rows can be overwritten. */
    private readonly height: number,
  ) {}

  write(output: string): this {
    for (const [token, up] of output.matchAll(/\x1b\[(\d+)A|\x1b\[\??\d*[a-zA-Z]|[^]/gu)) {
      if (up !== undefined) {
        this.row = Math.max(this.row - Number(up), this.rows.length - this.height, 0);
      } else if (token === '\x1b[J') {
        this.rows.length = this.row + 1;
        this.rows[this.row] = this.rows[this.row]?.slice(0, this.column) ?? '';
      } else if (token === '\r') {
        this.column = 0;
      } else if (token === '\n') {
        this.newLine();
      } else if (!token.startsWith('\x1b')) {
        this.put(token);
      }
    }
    return this;
  }

  /** The rows, without blanks at their ends. */
  get text(): string {
    return this.rows
      .map((row) => row.trimEnd())
      .join('\n')
      .trimEnd();
  }

  private put(character: string): void {
    if (this.column >= this.columns) {
      this.newLine();
    }
    const row = (this.rows[this.row] ?? '').padEnd(this.column);
    this.rows[this.row] = row.slice(0, this.column) + character + row.slice(this.column + 1);
    this.column += 1;
  }

  /** As a terminal device does: the cursor also goes to the start of the row. */
  private newLine(): void {
    this.row += 1;
    this.column = 0;
    this.rows[this.row] ??= '';
  }
}
