import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepResults, type Part } from '../../bench/kept-results';

describe('kept results', () => {
  const directory = mkdtempSync(join(tmpdir(), 'istio-module-results-'));
  const document = () => readFileSync(join(directory, 'RESULTS.md'), 'utf8');

  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  async function keep(part: Part, commit: string) {
    const circumstances = { cores: 2, memoryGigabytes: 24, versions: {}, commit, date: '', load: 0, args: [] };
    await keepResults({ part, circumstances, sections: [{ title: `Of ${part}`, about: [], figures: [] }] }, directory);
  }

  it('contain the last measurement of every part, in a fixed order', async () => {
    await keep('rolling', 'aaa');
    expect(document()).toContain('## Of rolling');
    await keep('planning', 'bbb');
    await keep('rolling', 'ccc');
    expect(document()).toMatch(/^\|\s+\| planning\s+\| rolling\s+\|$/m);
    expect(document()).toMatch(/^\| commit\s+\| bbb\s+\| ccc\s+\|$/m);
    expect(document().match(/^## .*/gm)).toEqual(['## Of planning', '## Of rolling']);
    expect(readdirSync(join(directory, 'results')).sort()).toEqual(['planning.json', 'rolling.json']);
  });
});
