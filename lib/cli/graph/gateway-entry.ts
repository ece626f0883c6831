import { fieldsAt, listAt, textAt, textsAt } from '../../mesh/checks/spec-fields';
import type { GraphNode } from './graph-model';
import { scalarText } from './scalar-text';
import type { TrafficObject } from './traffic-objects';

/** The node where requests between pods start. */
export const MESH: GraphNode = {
  id: 'mesh',
  kind: 'mesh',
  title: 'mesh',
  details: ['all sidecars'],
  definedBy: [],
};

/** The node of a Gateway, where its requests arrive. */
export function entryOf(
  { name, namespace, title, spec }: Pick<TrafficObject, 'name' | 'namespace' | 'title' | 'spec'>,
  missing: Pick<GraphNode, 'details' | 'problem'> = { details: [] },
): GraphNode {
  const selector = Object.values(fieldsAt(spec, 'selector')).map(scalarText);
  const isEgress = [name, ...selector].some((text) => /egress/i.test(text));
  return {
    id: `gateway:${namespace}/${name}`,
    kind: isEgress ? 'egress' : 'ingress',
    title: name,
    details: [`Gateway in ${namespace}`, ...listAt(spec, 'servers').map(serverText), ...missing.details],
    namespace,
    definedBy: title === '' ? [] : [title],
    ...(missing.problem === undefined ? {} : { problem: missing.problem }),
  };
}

function serverText(server: Readonly<Record<string, unknown>>): string {
  const { number, protocol } = fieldsAt(server, 'port');
  const tls = fieldsAt(server, 'tls');
  const mode = textAt(tls, 'mode') ?? (tls.httpsRedirect === true ? 'to HTTPS' : undefined);
  const hosts = textsAt(server, 'hosts').map((host) => host.replace(/^(\*|\.)\//, ''));
  return [
    `${scalarText(protocol)} ${scalarText(number)}`.trim(),
    ...(mode === undefined ? [] : [`(${mode})`]),
    ...(hosts.length === 0 ? [] : [hosts.join(', ')]),
  ].join(' ');
}
