const secondsBetweenLines = 10;

/** What a build that takes minutes reports: the program, how many packages are compiled, and how long the rest takes. */
export class BuildProgress {
  private readonly started: number;
  private readonly left: Set<string>;
  private readonly total: number;
  private reported: number;
  private program = '';

  /**
   * @param packages the packages to compile, in all programs together
   * @param progress receives the lines
   * @param now milliseconds; the clock, without it
   */
  constructor(
    packages: ReadonlySet<string>,
    private readonly progress: (line: string) => void,
    private readonly now: () => number = Date.now,
  ) {
    this.left = new Set(packages);
    this.total = packages.size;
    this.started = now();
    this.reported = this.started;
  }

  /** @param program as it is to be named, such as `1/10 kubernetes` */
  begin(program: string): void {
    this.program = program;
    this.report();
  }

  /** @param line of `go build -v`: an import path; any other line is ignored */
  compiled(line: string): void {
    if (this.left.delete(line) && this.now() - this.reported >= secondsBetweenLines * 1000) {
      this.report();
    }
  }

  end(): void {
    this.progress(`all programs are built, after ${duration(this.now() - this.started)}`);
  }

  private report(): void {
    this.reported = this.now();
    const elapsed = this.reported - this.started;
    const done = this.total - this.left.size;
    const remaining = done === 0 ? '' : `, about ${duration((elapsed * this.left.size) / done)} left`;
    this.progress(
      `${this.program} … (${String(done)} of ${String(this.total)} packages, ${duration(elapsed)}${remaining})`,
    );
  }
}

function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${String(seconds)} s` : `${String(Math.floor(seconds / 60))} min ${String(seconds % 60)} s`;
}
