import fc from 'fast-check';
import type { EdgeKind, GraphEdge, GraphNode, NodeKind, TrafficGraph } from '../../../lib/cli/graph/graph-model';

const LEFT: readonly NodeKind[] = ['mesh', 'ingress', 'egress'];
const MIDDLE: readonly NodeKind[] = ['host', 'delegate'];
const RIGHT: readonly NodeKind[] = ['service', 'subset', 'outside', 'redirect', 'response'];
const HOSTILE = [
  '"',
  '</svg>',
  '<script>alert(1)</script>',
  ']]>',
  '&amp;',
  '--> x',
  '%%',
  'end',
  '\u0000',
  '\ud800',
  'مرحبا',
  '日本語',
  '😀',
];

const text = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.domain(),
  fc.constant('a'.repeat(253)),
);
const texts = fc.array(text, { maxLength: 9 });
const problem = fc.option(text, { nil: undefined });

/** Graphs of all sizes and shapes that traffic can have, with texts of all kinds. */
export function randomGraph(): fc.Arbitrary<TrafficGraph> {
  return fc
    .record({
      names: fc.uniqueArray(text, { minLength: 1, maxLength: 4 }),
      left: nodes(LEFT, 3),
      middle: nodes(MIDDLE, 8),
      right: nodes(RIGHT, 12),
      edges: fc.array(edge(), { maxLength: 40 }),
    })
    .map(({ names, left, middle, right, edges }) => {
      const all = [...left, ...middle, ...right].map(({ place, ...node }, index): GraphNode => {
        const namespace = names[place];
        return { ...node, id: `${node.kind}:${String(index)}`, ...(namespace === undefined ? {} : { namespace }) };
      });
      const used = new Set(all.flatMap(({ namespace }) => namespace ?? []));
      return {
        namespaces: names.filter((name) => used.has(name)).map((name) => ({ name, details: [name] })),
        nodes: all,
        edges: edges.flatMap(({ start, end, ...rest }): GraphEdge[] => {
          const [from, to] = [all[start % all.length], all[end % all.length]];
          return from && to && rank(from) < rank(to) ? [{ ...rest, from: from.id, to: to.id }] : [];
        }),
      };
    });
}

function rank({ kind }: GraphNode): number {
  return LEFT.includes(kind) ? 0 : kind === 'host' ? 1 : kind === 'delegate' ? 2 : 3;
}

function nodes(kinds: readonly NodeKind[], maxLength: number) {
  return fc.array(
    fc.record({
      kind: fc.constantFrom(...kinds),
      title: text,
      details: texts,
      definedBy: texts,
      host: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }),
      problem,
      place: fc.nat(4),
    }),
    { maxLength },
  );
}

function edge() {
  return fc.record({
    start: fc.nat(100),
    end: fc.nat(100),
    kind: fc.constantFrom<EdgeKind>('entry', 'route', 'mirror', 'delegate', 'redirect', 'response'),
    rule: fc.nat(3),
    match: fc.array(text, { maxLength: 3 }),
    percent: fc.option(fc.double({ min: 0, max: 100, noNaN: true }), { nil: undefined }),
    notes: texts,
    faults: texts,
    problem,
  });
}
