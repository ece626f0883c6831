import { spreadOf } from './spread';

/** One line of the plot. */
export interface Series {
  readonly name: string;
  /** One of the plot's colors; `muted` is for the line that others are compared with. */
  readonly colour: 'first' | 'second' | 'muted';
  readonly points: readonly { readonly x: number; readonly values: readonly number[] }[];
}

export interface Plot {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly Series[];
}

const [WIDTH, HEIGHT] = [720, 400];
const MARGIN = { top: 48, right: 24, bottom: 56, left: 64 };

/** A self-contained SVG with the medians as lines and the spreads as bars, for a light or a dark page. */
export function renderPlot({ title, xLabel, yLabel, series }: Plot): string {
  const points = series.flatMap((one) => one.points);
  const xTicks = [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b);
  const yTicks = ticks(Math.max(...points.flatMap(({ values }) => values)));
  const scale = (from: number, to: number, end: number) => (value: number) => from + (value / end) * (to - from);
  const x = scale(MARGIN.left, WIDTH - MARGIN.right, Math.max(...xTicks));
  const y = scale(HEIGHT - MARGIN.bottom, MARGIN.top, Math.max(...yTicks));
  const at = (value: number) => value.toFixed(1);
  const text = (place: string, content: string, more = '') => `<text ${place}${more}>${escape(content)}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(WIDTH)} ${String(HEIGHT)}" role="img" aria-label="${escape(title)}">`,
    `<style>`,
    `text { font: 13px system-ui, sans-serif; fill: #1f2328 } .title { font-weight: 600 } .grid { stroke: #d1d9e0 }`,
    `.line { fill: none; stroke-width: 2 } .first { stroke: #0550ae } .second { stroke: #bc4c00 } .muted { stroke: #6e7781 }`,
    `.muted.line { stroke-dasharray: 5 4 }`,
    `@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .grid { stroke: #3d444d }`,
    `  .first { stroke: #58a6ff } .second { stroke: #f0883e } .muted { stroke: #9198a1 } }`,
    `</style>`,
    text(`x="${String(MARGIN.left)}" y="20"`, title, ' class="title"'),
    ...yTicks.flatMap((tick) => [
      `<path class="grid" d="M${String(MARGIN.left)} ${at(y(tick))}H${String(WIDTH - MARGIN.right)}"/>`,
      text(`x="${String(MARGIN.left - 8)}" y="${at(y(tick) + 4)}"`, String(tick), ' text-anchor="end"'),
    ]),
    ...xTicks.map((tick) =>
      text(
        `x="${at(x(tick))}" y="${String(HEIGHT - MARGIN.bottom + 20)}"`,
        tick.toLocaleString('en'),
        ' text-anchor="middle"',
      ),
    ),
    text(
      `x="${at((MARGIN.left + WIDTH - MARGIN.right) / 2)}" y="${String(HEIGHT - 12)}"`,
      xLabel,
      ' text-anchor="middle"',
    ),
    text(
      `x="16" y="${String(HEIGHT / 2)}" transform="rotate(-90 16 ${String(HEIGHT / 2)})"`,
      yLabel,
      ' text-anchor="middle"',
    ),
    ...series.flatMap(({ name, colour, points: own }, index) => {
      const medians = own.map(({ x: place, values }) => `${at(x(place))} ${at(y(spreadOf(values).median))}`);
      const legend = MARGIN.top + 10 + index * 20;
      return [
        `<path class="line ${colour}" d="M${medians.join('L')}"/>`,
        ...own.map(({ x: place, values }) => {
          const { min, max } = spreadOf(values);
          return `<path class="${colour}" stroke-width="5" stroke-opacity=".45" d="M${at(x(place))} ${at(y(min))}V${at(y(max))}"/>`;
        }),
        `<path class="line ${colour}" d="M${String(MARGIN.left + 16)} ${String(legend)}h28"/>`,
        text(`x="${String(MARGIN.left + 52)}" y="${String(legend + 4)}"`, name),
      ];
    }),
    `</svg>`,
    '',
  ].join('\n');
}

/** About five round values, from 0 to at least the largest. */
export function ticks(largest: number): number[] {
  const magnitude = 10 ** Math.floor(Math.log10(largest / 5));
  const step = ([1, 2, 5, 10].find((one) => one * magnitude * 5 >= largest) ?? 10) * magnitude;
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  return Array.from({ length: Math.ceil(largest / step) + 1 }, (_, index) => Number((index * step).toFixed(digits)));
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
