/** Colors by use: page, text, boxes, and the line and fill of each kind of node. */
interface Palette {
  readonly page: string;
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly box: string;
  readonly boxLine: string;
  readonly entry: readonly [line: string, ground: string];
  readonly host: readonly [line: string, ground: string];
  readonly delegate: readonly [line: string, ground: string];
  readonly service: readonly [line: string, ground: string];
  readonly outside: readonly [line: string, ground: string];
  readonly answer: readonly [line: string, ground: string];
  readonly broken: readonly [line: string, ground: string];
  readonly fault: string;
}

const LIGHT: Palette = {
  page: '#ffffff',
  text: '#1b2733',
  muted: '#55636f',
  line: '#6b7a89',
  box: '#f5f7fa',
  boxLine: '#d3dbe3',
  entry: ['#33475b', '#e3eaf1'],
  host: ['#2f6fb8', '#eaf3fd'],
  delegate: ['#0f7f86', '#e3f5f5'],
  service: ['#2e7d4f', '#e9f6ee'],
  outside: ['#a96f00', '#fdf4e0'],
  answer: ['#6f52b5', '#f1edfb'],
  broken: ['#c0262d', '#fdecec'],
  fault: '#b04a00',
};

const DARK: Palette = {
  page: '#12181f',
  text: '#e6ebf0',
  muted: '#a3b0bc',
  line: '#8394a5',
  box: '#1a222b',
  boxLine: '#323e4a',
  entry: ['#a9bccf', '#26323e'],
  host: ['#6aa9ee', '#1a2e45'],
  delegate: ['#4fc3c9', '#14353a'],
  service: ['#63c58b', '#173324'],
  outside: ['#e0a93d', '#382c12'],
  answer: ['#b59cf0', '#2a2342'],
  broken: ['#ff7b7f', '#42191c'],
  fault: '#ff9d5c',
};

/** The style sheet of the drawing and its page, with light and dark colors. */
export const SVG_STYLE: readonly string[] = [
  `:root{color-scheme:light dark;${variables(LIGHT)}}`,
  `@media(prefers-color-scheme:dark){:root{${variables(DARK)}}}`,
  '.traffic{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;background:var(--page)}',
  '.traffic text{fill:var(--text)}',
  '.traffic .box rect{fill:var(--box);stroke:var(--box-line)}',
  '.traffic .box text{font-size:13px;font-weight:600}',
  '.traffic .box .details{font-size:12px;font-weight:400;fill:var(--muted)}',
  '.traffic .node rect{fill:var(--ground);stroke:var(--edge);stroke-width:1.25}',
  '.traffic .title{font-size:14px;font-weight:600}',
  '.traffic .plain{font-size:12px}',
  '.traffic .note{font-size:11px;fill:var(--muted)}',
  '.traffic .fault{font-size:11px;fill:var(--fault)}',
  '.traffic .problem{font-size:11px;fill:var(--broken)}',
  '.traffic .line{fill:none;stroke:var(--line);stroke-width:1.25}',
  '.traffic .tip{fill:var(--line)}',
  '.traffic .mirror .line{stroke-dasharray:5 4}',
  '.traffic .refused .line{stroke:var(--broken);stroke-dasharray:2 3}',
  '.traffic .edge:hover .line{stroke:var(--text);stroke-width:2.25}',
  ...(['entry', 'host', 'delegate', 'service', 'outside', 'answer', 'broken'] as const).map(
    (use) => `.traffic .${use}{--edge:var(--${use});--ground:var(--${use}-ground)}`,
  ),
  '.traffic .outside rect,.traffic .broken rect{stroke-dasharray:5 3}',
];

function variables(palette: Palette): string {
  return Object.entries(palette)
    .map(([use, value]: [string, string | readonly [string, string]]) => {
      const name = `--${use.replace('boxLine', 'box-line')}`;
      return typeof value === 'string' ? `${name}:${value}` : `${name}:${value[0]};${name}-ground:${value[1]}`;
    })
    .join(';');
}
