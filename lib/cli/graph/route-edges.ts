import { fieldsAt, listAt, textAt } from '../../mesh/checks/spec-fields';
import type { GraphEdge, Protocol } from './graph-model';
import { matchSummary } from './match-summary';
import { faultNotes, ruleNotes } from './rule-notes';
import { scalarText } from './scalar-text';
import type { TrafficObject } from './traffic-objects';

type Fields = Readonly<Record<string, unknown>>;

/** The target of a rule, as written in the VirtualService. */
export type Step =
  | { readonly kind: 'destination'; readonly host: string; readonly subset?: string }
  | { readonly kind: 'delegate'; readonly namespace: string; readonly name: string }
  | {
      readonly kind: 'redirect' | 'response';
      readonly rule: number;
      readonly title: string;
      readonly details: readonly string[];
    };

/** An edge whose ends are not resolved to nodes yet. */
export type RouteEdge = Omit<GraphEdge, 'from' | 'to'> & { readonly target: Step };

type Rule = Pick<GraphEdge, 'rule' | 'match' | 'notes' | 'faults'> & { readonly protocol: Protocol };

const BLOCKS: readonly (readonly [field: string, protocol: Protocol])[] = [
  ['http', 'HTTP'],
  ['tls', 'TLS'],
  ['tcp', 'TCP'],
];

/** The edges for all rules of a VirtualService, in order. */
export function routeEdges({ namespace, spec }: TrafficObject): readonly RouteEdge[] {
  return BLOCKS.flatMap(([field, protocol]) =>
    listAt(spec, field).flatMap((fields, index) => {
      const rule: Rule = {
        protocol,
        rule: index + 1,
        match: matchesOf(fields),
        notes: ruleNotes(fields),
        faults: faultNotes(fields),
      };
      return [answerEdge(fields, rule, namespace) ?? destinationEdges(fields, rule), mirrorEdges(fields, rule)].flat();
    }),
  );
}

/** The conditions of a rule; empty if one of them always matches. */
function matchesOf(rule: Fields): readonly string[] {
  const matches = listAt(rule, 'match').map(matchSummary);
  return matches.includes('') ? [] : [...new Set(matches)];
}

/** The edge for a rule with a redirect, a direct response or a delegate instead of destinations. */
function answerEdge(fields: Fields, rule: Rule, namespace: string): readonly RouteEdge[] | undefined {
  const number = rule.rule ?? 0;
  if (fields.delegate !== undefined) {
    const delegate = fieldsAt(fields, 'delegate');
    const target: Step = {
      kind: 'delegate',
      namespace: textAt(delegate, 'namespace') || namespace,
      name: textAt(delegate, 'name') ?? '',
    };
    return [{ ...rule, kind: 'delegate', target }];
  }
  if (fields.redirect !== undefined) {
    const redirect = fieldsAt(fields, 'redirect');
    const target: Step = {
      kind: 'redirect',
      rule: number,
      title: locationText(redirect),
      details: [redirectText(redirect)],
    };
    return [{ ...rule, kind: 'redirect', target }];
  }
  if (fields.directResponse !== undefined) {
    const { status, body } = fieldsAt(fields, 'directResponse');
    const text = textAt(fieldsAt({ body }, 'body'), 'string');
    const target: Step = {
      kind: 'response',
      rule: number,
      title: `response ${scalarText(status)}`.trim(),
      details: ['from the proxy', ...(text ? [text] : [])],
    };
    return [{ ...rule, kind: 'response', target }];
  }
  return undefined;
}

function destinationEdges(fields: Fields, rule: Rule): readonly RouteEdge[] {
  const routes = listAt(fields, 'route');
  const weights = routes.map(({ weight }) => (typeof weight === 'number' ? weight : 0));
  const sum = weights.reduce((one, other) => one + other, 0);
  return routes.map((route, index) => ({
    ...rule,
    kind: 'route',
    ...(routes.length > 1 && sum > 0 ? { percent: (100 * (weights[index] ?? 0)) / sum } : {}),
    ...towards(fieldsAt(route, 'destination'), rule.notes),
  }));
}

function mirrorEdges(fields: Fields, rule: Rule): readonly RouteEdge[] {
  const single = fieldsAt(fields, 'mirrorPercentage').value ?? fields.mirrorPercent;
  const mirrors: (readonly [Fields, unknown])[] = [
    ...(fields.mirror === undefined ? [] : [[fieldsAt(fields, 'mirror'), single] as const]),
    ...listAt(fields, 'mirrors').map(
      (mirror) => [fieldsAt(mirror, 'destination'), fieldsAt(mirror, 'percentage').value] as const,
    ),
  ];
  return mirrors.map(([destination, percent]) => ({
    ...rule,
    kind: 'mirror',
    faults: [],
    percent: typeof percent === 'number' ? percent : 100,
    ...towards(destination, []),
  }));
}

function towards(
  destination: Fields,
  notes: readonly string[],
): { readonly target: Step; readonly notes: readonly string[] } {
  const { number } = fieldsAt(destination, 'port');
  const subset = textAt(destination, 'subset');
  return {
    target: {
      kind: 'destination',
      host: textAt(destination, 'host') ?? '',
      ...(subset ? { subset } : {}),
    },
    notes: [...(typeof number === 'number' ? [`to port ${String(number)}`] : []), ...notes],
  };
}

/** The location of a redirect, with … for unchanged parts. */
function locationText(redirect: Fields): string {
  const [scheme, authority, uri] = ['scheme', 'authority', 'uri'].map((field) => textAt(redirect, field) || undefined);
  const port = typeof redirect.port === 'number' ? `:${String(redirect.port)}` : '';
  return scheme === undefined && authority === undefined && port === ''
    ? (uri ?? '…')
    : `${scheme ?? '…'}://${authority ?? '…'}${port}${uri ?? '/…'}`;
}

function redirectText({ redirectCode }: Fields): string {
  return `redirect ${String(typeof redirectCode === 'number' ? redirectCode : 301)}`;
}
