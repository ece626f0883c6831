import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiReports, PROJECT, type ApiReport } from './api-reports';

describe('the public API', () => {
  let reports: readonly ApiReport[];

  beforeAll(() => {
    reports = apiReports();
  }, 120_000);

  test('is what the committed reports say', () => {
    const changes = reports.flatMap(({ file, text }) => {
      const committed = join(PROJECT, file);
      const lines = differingLines(existsSync(committed) ? readFileSync(committed, 'utf8') : '', text);
      return lines.length > 0
        ? [`${file} is not today's API: if the change is on purpose, write it with npm run api:update`, ...lines]
        : [];
    });
    expect(changes).toEqual([]);
  });

  test('names no version of cdk8s-plus', () => {
    expect(reports.filter(({ text }) => text.includes('cdk8s-plus')).map(({ file }) => file)).toEqual([]);
  });

  test('has a report for every entry point, and no other', () => {
    const committed = readdirSync(join(PROJECT, 'test', 'api')).filter((file) => file.endsWith('.api.md'));
    expect(committed.map((file) => join('test', 'api', file))).toEqual(reports.map(({ file }) => file).sort());
  });

  test('exports every type that it uses', () => {
    expect(reports.flatMap(({ file, problems }) => problems.map((problem) => `${file}: ${problem}`))).toEqual([]);
  });
});

/** The lines in which two texts differ, with the sign that a diff gives them. */
function differingLines(committed: string, today: string): string[] {
  const [before, after] = [committed.split('\n'), today.split('\n')];
  const start = before.findIndex((line, index) => line !== after[index]);
  if (start < 0 && before.length === after.length) return [];
  const [removed, added] = [before.slice(start), after.slice(start)];
  while (removed.length > 0 && added.length > 0 && removed.at(-1) === added.at(-1)) {
    removed.pop();
    added.pop();
  }
  const only = (lines: readonly string[], others: readonly string[], sign: string) =>
    lines.filter((line) => !others.includes(line)).map((line) => `${sign} ${line}`);
  const found = [...only(removed, added, '-'), ...only(added, removed, '+')];
  return found.length > 0 ? found : ['the order of its lines differs'];
}
