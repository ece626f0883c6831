import { escapeXml } from './escape-xml';
import type { TrafficGraph } from './graph-model';
import { renderSvg } from './render-svg';
import { routeRows, type RouteRow } from './route-rows';

const STYLE: readonly string[] = [
  'body{margin:0;padding:24px;background:var(--page);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}',
  'h1{font-size:22px;margin:0}h2{font-size:17px;margin:32px 0 8px}p{margin:4px 0 16px;color:var(--muted)}',
  '.drawing{overflow:auto;border:1px solid var(--box-line);border-radius:10px}.drawing svg{display:block}',
  '.legend{display:flex;flex-wrap:wrap;gap:8px 20px;margin:12px 0;padding:0;list-style:none;font-size:13px}',
  '.legend li{display:flex;align-items:center;gap:8px}.legend svg{background:none}',
  '.table{overflow:auto}table{border-collapse:collapse;font-size:13px;min-width:100%}',
  'th,td{padding:6px 12px 6px 0;border-bottom:1px solid var(--box-line);text-align:left;vertical-align:top;overflow-wrap:break-word}',
  'th{color:var(--muted);font-weight:600;white-space:nowrap}.share{text-align:right;white-space:nowrap}tr.is-broken td{color:var(--broken)}',
];

const LEGEND: readonly (readonly [text: string, use: string, radius: number])[] = [
  ['where requests enter', 'entry', 9],
  ['hosts of a VirtualService', 'host', 9],
  ['VirtualService that others delegate to', 'delegate', 9],
  ['service, or a subset of it', 'service', 3],
  ['outside the mesh', 'outside', 3],
  ['response from the proxy', 'answer', 3],
  ['missing', 'broken', 3],
];
const LINES: readonly (readonly [text: string, use: string])[] = [
  ['route', 'route'],
  ['mirror', 'mirror'],
  ['never used', 'refused'],
];

const COLUMNS: readonly (readonly [title: string, field: Exclude<keyof RouteRow, 'isBroken'>])[] = [
  ['From', 'from'],
  ['Host', 'host'],
  ['Requests', 'match'],
  ['To', 'to'],
  ['Share', 'share'],
  ['Details', 'details'],
  ['Defined by', 'definedBy'],
];

/**
 * A self-contained page with the drawing, its legend and a table of all routes.
 *
 * @param origin the source of the configuration, such as the names of the files
 */
export async function renderHtml(graph: TrafficGraph, origin: string): Promise<readonly string[]> {
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8"/>',
    '<meta name="viewport" content="width=device-width, initial-scale=1"/>',
    '<title>Traffic in the mesh</title>',
    '<style>',
    ...STYLE,
    '</style>',
    '</head>',
    '<body>',
    '<h1>Traffic in the mesh</h1>',
    `<p>${escapeXml(origin)}</p>`,
    '<div class="drawing">',
    ...(await renderSvg(graph)),
    '</div>',
    '<ul class="legend">',
    ...LEGEND.map(([text, use, radius]) => legendLine(text, nodeSwatch(use, radius))),
    ...LINES.map(([text, use]) => legendLine(text, lineSwatch(use))),
    '</ul>',
    '<h2>Routes</h2>',
    '<div class="table"><table>',
    `<thead><tr>${COLUMNS.map(([title]) => `<th scope="col">${title}</th>`).join('')}</tr></thead>`,
    '<tbody>',
    ...routeRows(graph).map(tableRow),
    '</tbody>',
    '</table></div>',
    '</body>',
    '</html>',
  ];
}

function tableRow(row: RouteRow): string {
  const cells = COLUMNS.map(
    ([, field]) => `<td${field === 'share' ? ' class="share"' : ''}>${escapeXml(row[field])}</td>`,
  );
  return `<tr${row.isBroken ? ' class="is-broken"' : ''}>${cells.join('')}</tr>`;
}

function legendLine(text: string, swatch: string): string {
  return `<li><svg class="traffic" width="30" height="18" aria-hidden="true">${swatch}</svg>${text}</li>`;
}

function nodeSwatch(use: string, radius: number): string {
  return `<g class="node ${use}"><rect x="1" y="1" width="28" height="16" rx="${String(radius)}"/></g>`;
}

function lineSwatch(use: string): string {
  return `<g class="${use}"><path class="line" d="M1,9H28" marker-end="url(#tip)"/></g>`;
}
