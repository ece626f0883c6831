/**
 * The work of a build, in bytes of source. The time that a package or a program takes is nearly proportional to them.
 */
export interface BuildWork {
  /** Size of each package that is to be compiled, in all programs together. */
  readonly packages: ReadonlyMap<string, number>;

  /** The programs, in the order in which they are built. */
  readonly programs: readonly ProgramWork[];
}

export interface ProgramWork {
  readonly name: string;

  /** The package of the program itself, which is compiled after all others and before the program is linked. */
  readonly main: string;

  /** Size of all packages that are linked into the program, whether they are to be compiled or not. */
  readonly linked: number;
}

/** The share of the work that has to be done before the remaining time can be estimated. */
const smallestShare = 0.05;

/** The time to link a byte of source, relative to the time to compile it. */
const linkingShare = 0.04;

/**
 * What a build that takes minutes reports: the program, how many packages are compiled, and how long the rest takes.
 */
export class BuildProgress {
  private readonly started: number;
  private readonly left: Map<string, number>;
  private readonly total: number;
  private done = 0;
  private current: ProgramWork | undefined;

  /**
   * @param progress receives the lines
   * @param now returns the time in milliseconds; by default, the system clock
   */
  constructor(
    private readonly work: BuildWork,
    private readonly progress: (line: string) => void,
    private readonly now: () => number = Date.now,
  ) {
    this.left = new Map(work.packages);
    const sizes = [...work.packages.values(), ...work.programs.map(({ linked }) => linked * linkingShare)];
    this.total = sizes.reduce((sum, size) => sum + size, 0);
    this.started = now();
  }

  /** Begins the program with the index. */
  begin(index: number): void {
    this.current = this.work.programs[index];
    this.report();
  }

  /** @param line of `go build -v`: an import path; any other line is ignored */
  compiled(line: string): void {
    this.done += this.left.get(line) ?? 0;
    this.left.delete(line);
  }

  /** Records that the current program is built. */
  built(): void {
    this.done += (this.current?.linked ?? 0) * linkingShare;
  }

  /** Reports how far the build is; callers call this from time to time. */
  report(): void {
    const { name, main } = this.current ?? { name: '', main: '' };
    const elapsed = this.now() - this.started;
    const { packages, programs } = this.work;
    const place = `${String(programs.findIndex((one) => one === this.current) + 1)}/${String(programs.length)} ${name}`;
    const doing = this.left.has(main) ? 'compiling' : 'linking';
    const count = `${String(packages.size - this.left.size)} of ${String(packages.size)} packages`;
    const left = duration((elapsed * (this.total - this.done)) / this.done);
    const remaining = this.done <= this.total * smallestShare ? '' : `, about ${left} left`;
    this.progress(`${place}: ${doing} (${count}, ${duration(elapsed)}${remaining})`);
  }

  end(): void {
    this.progress(`all programs are built, after ${duration(this.now() - this.started)}`);
  }
}

function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${String(seconds)} s` : `${String(Math.floor(seconds / 60))} min ${String(seconds % 60)} s`;
}
