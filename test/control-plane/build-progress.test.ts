import { BuildProgress } from './build-progress';

describe('BuildProgress', () => {
  const work = {
    packages: new Map([
      ['a', 100],
      ['b', 200],
      ['kwok', 10],
      ['helm', 90],
    ]),
    programs: [
      { name: 'kwok', main: 'kwok', linked: 1_250 },
      { name: 'helm', main: 'helm', linked: 1_250 },
    ],
  };
  let now: number;
  let lines: string[];
  let progress: BuildProgress;

  beforeEach(() => {
    now = 0;
    lines = [];
    progress = new BuildProgress(
      work,
      (line) => lines.push(line),
      () => now,
    );
  });

  it('reports each program, the packages that are compiled, and the time left by the share of the work, linking included', () => {
    progress.begin(0);
    now = 30_000;
    progress.compiled('a');
    progress.compiled('b');
    progress.report();
    now = 40_000;
    progress.compiled('kwok');
    progress.report();
    now = 72_000;
    progress.built();
    progress.begin(1);
    progress.compiled('helm');
    progress.report();
    now = 90_000;
    progress.built();
    progress.end();
    expect(lines).toEqual([
      '1/2 kwok: compiling (0 of 4 packages, 0 s)',
      '1/2 kwok: compiling (2 of 4 packages, 30 s, about 20 s left)',
      '1/2 kwok: linking (3 of 4 packages, 40 s, about 25 s left)',
      '2/2 helm: compiling (3 of 4 packages, 1 min 12 s, about 28 s left)',
      '2/2 helm: linking (4 of 4 packages, 1 min 12 s, about 8 s left)',
      'all programs are built, after 1 min 30 s',
    ]);
  });

  it('does not tell the time left before a twentieth of the work is done', () => {
    progress.compiled('kwok');
    now = 60_000;
    progress.begin(0);
    expect(lines).toEqual(['1/2 kwok: linking (1 of 4 packages, 1 min 0 s)']);
  });

  it('ignores lines that name no package to be compiled, and packages that were named before', () => {
    for (const line of ['go: downloading k8s.io/api v0.36.3', 'a', 'a']) {
      progress.compiled(line);
    }
    progress.begin(0);
    expect(lines).toEqual(['1/2 kwok: compiling (1 of 4 packages, 0 s, about 0 s left)']);
  });

  it('is linking from the start where everything was compiled before', () => {
    progress = new BuildProgress(
      { programs: work.programs, packages: new Map() },
      (line) => lines.push(line),
      () => now,
    );
    progress.begin(0);
    expect(lines).toEqual(['1/2 kwok: linking (0 of 0 packages, 0 s)']);
  });
});
