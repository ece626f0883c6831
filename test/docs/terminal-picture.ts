/** Text in one style. */
interface Run {
  readonly text: string;
  readonly style: string;
}

const WIDTH = 8.4;
const HEIGHT = 20;
const MARGIN = 16;

/** Classes of the picture by the codes of a terminal; all other codes end a style. */
const STYLES: Readonly<Record<string, string>> = {
  1: 'bold',
  2: 'dim',
  31: 'red',
  32: 'green',
  33: 'yellow',
  34: 'blue',
  35: 'magenta',
  36: 'cyan',
};

const SHEET = `
rect { fill: #0d1117 }
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #d6dde6; white-space: pre }
.bold { font-weight: bold; fill: #ffffff }
.dim { fill: #8b949e }
.red { fill: #ff7b72 }
.green { fill: #56d364 }
.yellow { fill: #e3b341 }
.blue { fill: #79c0ff }
.magenta { fill: #d2a8ff }
.cyan { fill: #56d4dd }
`;

/**
 * What a terminal shows, as an SVG.
 *
 * @param command what its user typed
 * @param output what the command printed, with escape codes for styles but none that move the cursor
 */
export function terminalPicture(command: string, output: string): string {
  const lines = [[{ text: `$ ${command}`, style: 'bold' }], ...output.trimEnd().split(/\r?\n/).map(runsOf)];
  const columns = Math.max(...lines.map((line) => line.reduce((sum, { text }) => sum + text.length, 0)));
  const [width, height] = [columns * WIDTH + 2 * MARGIN, lines.length * HEIGHT + 2 * MARGIN];
  const size = `width="${rounded(width)}" height="${rounded(height)}" viewBox="0 0 ${rounded(width)} ${rounded(height)}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-label="${escaped(command)}">`,
    `<style>${SHEET}</style>`,
    '<rect width="100%" height="100%" rx="8"/>',
    ...lines.flatMap((line, index) => textsOf(line, MARGIN + (index + 0.75) * HEIGHT)),
    '</svg>',
    '',
  ].join('\n');
}

/** The lines that a picture shows, to compare it with others. */
export function pictureText(svg: string): string[] {
  const lines = new Map<string, string>();
  for (const [, y = '', text = ''] of svg.matchAll(/<text [^>]*y="([\d.]+)"[^>]*>([^<]*)<\/text>/g)) {
    lines.set(y, (lines.get(y) ?? '') + text);
  }
  return [...lines.values()].map((line) =>
    line.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'),
  );
}

function runsOf(line: string): Run[] {
  let style = '';
  return line.split(/(\u001b\[[\d;]*m)/).flatMap((part) => {
    const [, code] = /^\u001b\[([\d;]*)m$/.exec(part) ?? [];
    if (code !== undefined) {
      style = STYLES[code] ?? '';
      return [];
    }
    return part === '' ? [] : [{ text: part, style }];
  });
}

/** Each run has its width, since fonts differ. */
function textsOf(runs: readonly Run[], y: number): string[] {
  let column = 0;
  return runs.map(({ text, style }) => {
    const [x, length] = [MARGIN + column * WIDTH, text.length * WIDTH];
    column += text.length;
    const place = `x="${rounded(x)}" y="${rounded(y)}" textLength="${rounded(length)}" lengthAdjust="spacingAndGlyphs"`;
    return `<text ${style === '' ? '' : `class="${style}" `}${place}>${escaped(text)}</text>`;
  });
}

function rounded(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
