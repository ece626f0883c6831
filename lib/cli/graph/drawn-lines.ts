import { edgeLines, type EdgeLine } from './edge-lines';
import type { GraphEdge } from './graph-model';
import type { PartNode } from './graph-parts';
import { textWidth, wrapText } from './text-lines';

/** A line of text as it is drawn. */
export interface DrawnLine {
  readonly text: string;
  readonly tone: 'title' | EdgeLine['tone'];
}

export const FONT_SIZE = { title: 14, plain: 12, note: 11, fault: 11, problem: 11 } as const;
export const LINE_HEIGHT = { title: 19, plain: 16, note: 15, fault: 15, problem: 15 } as const;
const NODE_TEXT = 230;
const EDGE_TEXT = 240;
const MOST_DETAILS = 7;

/** The text of a node. */
export function nodeLines({ node: { title, details, problem }, notes }: PartNode): readonly DrawnLine[] {
  const shown =
    details.length <= MOST_DETAILS
      ? details
      : [...details.slice(0, MOST_DETAILS - 1), `and ${String(details.length - MOST_DETAILS + 1)} more`];
  return [
    ...wrapped(title, 'title', NODE_TEXT, 3),
    ...[...shown, ...notes].flatMap((note) => wrapped(note, 'note', NODE_TEXT, 2)),
    ...(problem === undefined ? [] : wrapped(problem, 'problem', NODE_TEXT, 4)),
  ];
}

/** The text of an edge. */
export function labelLines(edge: GraphEdge): readonly DrawnLine[] {
  return edgeLines(edge).flatMap(({ text, tone }) => wrapped(text, tone, EDGE_TEXT, 3));
}

/** The height of the lines, in pixels. */
export function heightOf(lines: readonly DrawnLine[]): number {
  return lines.reduce((sum, { tone }) => sum + LINE_HEIGHT[tone], 0);
}

/** An upper bound of the width of the widest line, in pixels. */
export function widthOf(lines: readonly DrawnLine[]): number {
  // Titles are bold.
  return lines.reduce(
    (width, { text, tone }) => Math.max(width, textWidth(text, FONT_SIZE[tone] * (tone === 'title' ? 1.06 : 1))),
    0,
  );
}

function wrapped(text: string, tone: DrawnLine['tone'], width: number, most: number): readonly DrawnLine[] {
  return wrapText(text, FONT_SIZE[tone], width, most).map((line) => ({ text: line, tone }));
}
