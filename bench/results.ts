import { verdictOf, type Figure, type Section, type Unit } from './figure';
import { spreadOf } from './spread';

/** The machine and the versions that the figures are from. */
export interface Circumstances {
  readonly cores: number;
  readonly memoryGigabytes: number;
  /** By the name of the software, such as `Node`. */
  readonly versions: Readonly<Record<string, string>>;
  readonly commit: string;
  /** The commit of the earlier checkout, which the figures marked “before” are from. */
  readonly before?: string;
  readonly date: string;
  /** The load average of the last minute before the first measurement: 0 if the machine was quiet. */
  readonly load: number;
  /** What `npm run bench` was called with. */
  readonly args: readonly string[];
}

/** The results of one part of the benchmark, and their circumstances. */
export interface PartResults {
  readonly part: string;
  readonly circumstances: Circumstances;
  readonly sections: readonly Section[];
}

/** The results of all parts as a Markdown document. */
export function renderResults(parts: readonly PartResults[]): string {
  const sections = parts.flatMap((one) => one.sections);
  return [
    '# Results of the benchmark',
    '',
    ...aboutRuns(parts),
    '',
    ...summary(sections),
    ...sections.flatMap(renderSection),
  ].join('\n');
}

function aboutRuns(parts: readonly PartResults[]): string[] {
  const row = (name: string, of: (circumstances: Circumstances) => string) => [
    name,
    ...parts.map(({ circumstances }) => of(circumstances)),
  ];
  const versions = new Set(parts.flatMap(({ circumstances }) => Object.keys(circumstances.versions)));
  return [
    'The results of each part are written as soon as the part is measured. `npm run bench` measures all parts except traffic, and `npm run bench -- --only PART` measures one part again. To repeat a measurement, run its command on an otherwise idle machine. [ARCHITECTURE.md](../ARCHITECTURE.md) describes the local control plane.',
    '',
    ...table(
      ['', ...parts.map(({ part }) => part)],
      [
        row('command', commandOf),
        row('date', ({ date }) => date),
        row('commit', ({ commit }) => commit),
        ...(parts.some(({ circumstances }) => circumstances.before)
          ? [row('commit of the figures marked “before”', ({ before = '' }) => before)]
          : []),
        row('cores', ({ cores }) => String(cores)),
        row('memory', ({ memoryGigabytes }) => `${memoryGigabytes.toFixed(0)} GB`),
        row('load before the first measurement', ({ load }) => load.toFixed(2)),
        ...[...versions].map((name) => row(name, (one) => one.versions[name] ?? '')),
      ],
    ),
    '',
    'Everything runs on one machine: the API server, etcd, the controllers, istiod and both sides. Each figure is the minimum, **median** and maximum of its repetitions. Each side has at least five repetitions, unless stated otherwise. Ratios and targets refer to medians.',
  ];
}

function commandOf({ args }: Circumstances): string {
  return `\`${['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' ')}\``;
}

function summary(sections: readonly Section[]): string[] {
  const figures = sections.flatMap(({ figures }) => figures).filter(({ target }) => target);
  const missed = figures.filter((figure) => !verdictOf(figure)?.isMet);
  return [
    missed.length === 0
      ? `All ${String(figures.length)} targets are met.`
      : `Of ${String(figures.length)} targets, ${String(missed.length)} ${missed.length === 1 ? 'is' : 'are'} missed:`,
    ...(missed.length === 0 ? [] : ['', ...missed.map(missedText)]),
    '',
  ];
}

function missedText(figure: Figure): string {
  return `- ${figure.name}: ${verdictText(figure)}${figure.limits ? `. ${figure.limits}` : ''}`;
}

function renderSection({ title, about, figures, breakdowns = [] }: Section): string[] {
  return [
    `## ${title}`,
    '',
    ...about.flatMap((paragraph) => [paragraph, '']),
    ...table(
      ['measured', '', 'against', '', 'ratio', 'target'],
      figures.map((figure) => [
        figure.name,
        `${figure.subject.name}: ${spreadText(figure.subject.values, figure.unit)}`,
        figure.floor?.name ?? '',
        figure.floor ? spreadText(figure.floor.values, figure.unit) : '',
        ratioText(figure),
        verdictText(figure),
      ]),
    ),
    '',
    ...breakdowns.flatMap((breakdown) => [`${breakdown.title}:`, '', '```text', ...breakdown.lines, '```', '']),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

/** Minimum, median and maximum; a single value by itself. */
export function spreadText(values: readonly number[], unit: Unit): string {
  const { min, median, max } = spreadOf(values);
  const text = (value: number) => quantity(value, unit);
  return values.length === 1
    ? `**${text(median)}** ${unit}`
    : `${text(min)} / **${text(median)}** / ${text(max)} ${unit}`;
}

function quantity(value: number, unit: Unit): string {
  const digits = unit === 's' ? 1 : 0;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function ratioText({ subject, floor }: Figure): string {
  const least = floor ? spreadOf(floor.values).median : 0;
  return least === 0 ? '' : (spreadOf(subject.values).median / least).toFixed(2);
}

/** The target, and by how much it is met or missed. */
export function verdictText(figure: Figure): string {
  const verdict = verdictOf(figure);
  if (!figure.target || !verdict) {
    return '';
  }
  const { kind, atMost } = figure.target;
  const shown = (value: number) =>
    kind === 'ratio' ? `${value.toFixed(2)} ×` : `${quantity(value, figure.unit)} ${figure.unit}`;
  const promise = kind === 'excess' ? `at most ${shown(atMost)} more` : `at most ${shown(atMost)}`;
  return `${promise}: ${verdict.isMet ? 'met' : '**missed**'} (${shown(verdict.actual)})`;
}
