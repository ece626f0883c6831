import type { GraphEdge } from './graph-model';
import { percentText } from './percent-text';

/** One line of an edge label. */
export interface EdgeLine {
  readonly text: string;
  readonly tone: 'plain' | 'note' | 'fault' | 'problem';
}

/** The label of an edge: which requests and how many take it, then what happens to them. */
export function edgeLines({
  kind,
  protocol,
  rule = 1,
  match,
  percent,
  notes,
  faults,
  problem,
}: GraphEdge): readonly EdgeLine[] {
  const isOtherwise = match.length === 0 && rule > 1;
  const share = percent === undefined ? [] : [percentText(percent)];
  const plain = [
    ...(protocol === undefined || protocol === 'HTTP' ? [] : [protocol]),
    ...(isOtherwise ? ['otherwise'] : match.length === 0 ? [] : [match.join(' or ')]),
    ...(kind === 'mirror' ? [`mirrored ${share.join('')}`] : share),
  ].join(' · ');
  return [
    ...(plain === '' ? [] : [{ text: plain, tone: 'plain' as const }]),
    ...(notes.length === 0 ? [] : [{ text: notes.join(' · '), tone: 'note' as const }]),
    ...(faults.length === 0 ? [] : [{ text: `fault: ${faults.join(', ')}`, tone: 'fault' as const }]),
    ...(problem === undefined ? [] : [{ text: problem, tone: 'problem' as const }]),
  ];
}
