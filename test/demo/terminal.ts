/** Where the demonstration prints what happens. */
export class Terminal {
  private headings = 0;

  /** Begins a numbered part. */
  heading(text: string): void {
    this.headings++;
    process.stdout.write(`\n${String(this.headings)}. ${text}\n`);
  }

  /** A line of the part that has begun, or several. */
  readonly line = (text: string): void => {
    process.stdout.write(`${text.replace(/^/gm, '   ')}\n`);
  };

  /** Lines that belong to no part. */
  block(lines: readonly string[]): void {
    process.stdout.write(`\n${lines.join('\n')}\n`);
  }

  problem(text: string): void {
    process.stderr.write(`\n${text}\n`);
  }
}
