import type { Figure, Section } from '../../bench/figure';
import { renderResults, spreadText, verdictText, type Circumstances, type PartResults } from '../../bench/results';

const FIGURE: Figure = {
  name: 'planning',
  unit: 'ms',
  subject: { name: 'plan', values: [1_300, 1_100, 1_250] },
  floor: { name: 'raw', values: [1_000, 900, 1_100] },
  target: { kind: 'ratio', atMost: 1.25 },
};

const CIRCUMSTANCES: Circumstances = {
  cores: 2,
  memoryGigabytes: 23.6,
  versions: { Node: 'v20.0.0' },
  commit: 'abc',
  date: '2030-01-02',
  load: 0.1,
  args: [],
};

const sectionOf = (...figures: readonly Figure[]): Section => ({ title: 'Planning', about: ['How.'], figures });
const partOf = (...figures: readonly Figure[]): PartResults => ({
  part: 'planning',
  circumstances: CIRCUMSTANCES,
  sections: [sectionOf(...figures)],
});

describe('a target', () => {
  it.each<[string, Partial<Figure>, string]>([
    ['that is just met', {}, 'at most 1.25 ×: met (1.25 ×)'],
    ['that is just missed', { subject: { name: '', values: [1_251] } }, 'at most 1.25 ×: **missed** (1.25 ×)'],
    ['of an excess', { target: { kind: 'excess', atMost: 150 } }, 'at most 150 ms more: **missed** (250 ms)'],
    ['of the value itself', { target: { kind: 'value', atMost: 2_000 } }, 'at most 2,000 ms: met (1,250 ms)'],
    ['that is not set', { target: undefined }, ''],
  ])('%s is shown with its verdict', (_, change, text) => {
    expect(verdictText({ ...FIGURE, ...change })).toBe(text);
  });
});

describe('the results', () => {
  it('show minimum, median and maximum, and a single value by itself', () => {
    expect(spreadText([3, 1, 2], 'ms')).toBe('1 / **2** / 3 ms');
    expect(spreadText([1.25, 1.5], 's')).toBe('1.3 / **1.4** / 1.5 s');
    expect(spreadText([1_234], 'requests')).toBe('**1,234** requests');
  });

  it('have a row for each figure, with its ratio and verdict', () => {
    expect(renderResults([partOf(FIGURE)]).split('\n')).toContain(
      '| planning | plan: 1,100 / **1,250** / 1,300 ms | raw | 900 / **1,000** / 1,100 ms | 1.25 | at most 1.25 ×: met (1.25 ×) |',
    );
  });

  it('say first which targets are missed', () => {
    const missed = { ...FIGURE, name: 'slow', subject: { name: '', values: [2_000] }, limits: 'The disk is.' };
    const text = renderResults([partOf(FIGURE, missed)]);
    expect(text).toContain(
      'Of 2 targets, 1 is missed:\n\n- slow: at most 1.25 ×: **missed** (2.00 ×). The disk is.\n\n## Planning',
    );
    expect(renderResults([partOf(FIGURE)])).toContain('All 1 targets are met.');
  });

  it('say for each part how to repeat it, and on which machine it was measured', () => {
    const again: Circumstances = {
      ...CIRCUMSTANCES,
      args: ['--only', 'rolling'],
      commit: 'def',
      versions: { Istio: '1' },
    };
    const rows = renderResults([partOf(FIGURE), { part: 'rolling', circumstances: again, sections: [] }]).split('\n');
    expect(rows.slice(4, 14)).toEqual([
      '|  | planning | rolling |',
      '| --- | --- | --- |',
      '| command | `npm run bench` | `npm run bench -- --only rolling` |',
      '| date | 2030-01-02 | 2030-01-02 |',
      '| commit | abc | def |',
      '| cores | 2 | 2 |',
      '| memory | 24 GB | 24 GB |',
      '| load before the first measurement | 0.10 | 0.10 |',
      '| Node | v20.0.0 |  |',
      '| Istio |  | 1 |',
    ]);
  });
});
