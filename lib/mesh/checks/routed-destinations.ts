import { fullHost } from '../host-matching';
import type { MeshObject } from './mesh-object';
import { once } from '../../once';
import { fieldsAt, listAt, textAt, textsAt } from './spec-fields';

type Fields = MeshObject['spec'];

/** A destination of requests, connections or copies of requests. */
export interface RoutedDestination {
  /** The host in its full form. */
  readonly host: string;
  readonly subset?: string;
  readonly port?: number;
}

/** An entry of the `http`, `tls` or `tcp` of a VirtualService. */
export interface RouteEntry {
  /** Its matches; one without conditions if it has none. */
  readonly matches: readonly Fields[];
  readonly destinations: readonly RoutedDestination[];
}

const PROTOCOLS = ['http', 'tcp', 'tls'] as const;
const ANY: readonly Fields[] = [{}];

/** The entries of a VirtualService, a list for each protocol. The first entry that matches is used. */
export const routeEntries = once((route: MeshObject): readonly (readonly RouteEntry[])[] =>
  PROTOCOLS.map((protocol) =>
    listAt(route.spec, protocol).map((entry) => {
      const matches = listAt(entry, 'match').map((match) => (protocol === 'http' ? effective(match) : match));
      const destinations: RoutedDestination[] = [];
      addDestinations(destinations, entry, route.namespace);
      return { matches: matches.length > 0 ? matches : ANY, destinations };
    }),
  ),
);

/** The destinations of a VirtualService. */
export const destinationsOf = once(({ spec, namespace }: MeshObject): readonly RoutedDestination[] => {
  const found: RoutedDestination[] = [];
  for (const protocol of PROTOCOLS) {
    for (const entry of listAt(spec, protocol)) addDestinations(found, entry, namespace);
  }
  return found;
});

// Large apps have thousands of destinations, so this appends to one list.
function addDestinations(found: RoutedDestination[], entry: Fields, namespace: string): void {
  for (const target of listAt(entry, 'route')) found.push(destination(fieldsAt(target, 'destination'), namespace));
  for (const target of listAt(entry, 'mirrors')) found.push(destination(fieldsAt(target, 'destination'), namespace));
  if (entry.mirror !== undefined) found.push(destination(fieldsAt(entry, 'mirror'), namespace));
}

function destination(target: Fields, namespace: string): RoutedDestination {
  const { number } = fieldsAt(target, 'port');
  return {
    host: fullHost(textAt(target, 'host') ?? '', namespace),
    subset: textAt(target, 'subset'),
    port: typeof number === 'number' ? number : undefined,
  };
}

/** Removes the conditions of an HTTP match that Istio ignores if the match names gateways. */
function effective(match: Fields): Fields {
  return textsAt(match, 'gateways').length > 0
    ? { ...match, sourceLabels: undefined, sourceNamespace: undefined }
    : match;
}
