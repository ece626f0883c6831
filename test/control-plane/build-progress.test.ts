import { BuildProgress } from './build-progress';

describe('BuildProgress', () => {
  it('reports each program, and every ten seconds the packages that are compiled and the time left by their share', () => {
    let now = 0;
    const lines: string[] = [];
    const packages = new Set(['a', 'b', 'c', 'd']);
    const report = new BuildProgress(
      packages,
      (line) => lines.push(line),
      () => now,
    );
    report.begin('1/2 kwok');
    now = 5_000;
    report.compiled('a');
    now = 30_000;
    report.compiled('b');
    report.compiled('c');
    now = 90_000;
    report.begin('2/2 helm');
    now = 120_000;
    report.compiled('d');
    report.end();
    expect(lines).toEqual([
      '1/2 kwok … (0 of 4 packages, 0 s)',
      '1/2 kwok … (2 of 4 packages, 30 s, about 30 s left)',
      '2/2 helm … (3 of 4 packages, 1 min 30 s, about 30 s left)',
      '2/2 helm … (4 of 4 packages, 2 min 0 s, about 0 s left)',
      'all programs are built, after 2 min 0 s',
    ]);
  });

  it('ignores lines that name no package to be compiled', () => {
    let now = 0;
    const lines: string[] = [];
    const report = new BuildProgress(
      new Set(['a']),
      (line) => lines.push(line),
      () => now,
    );
    now = 60_000;
    report.compiled('go: downloading k8s.io/api v0.36.3');
    expect(lines).toEqual([]);
  });
});
