import { fullHost } from '../host-matching';
import type { MeshObject } from './mesh-object';
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

/** The entries of a VirtualService, a list for each protocol. The first entry that matches is used. */
export function routeEntries(route: MeshObject): readonly (readonly RouteEntry[])[] {
  return ['http', 'tcp', 'tls'].map((protocol) =>
    listAt(route.spec, protocol).map((entry) => {
      const matches = listAt(entry, 'match').map((match) => (protocol === 'http' ? effective(match) : match));
      return { matches: matches.length > 0 ? matches : [{}], destinations: destinationsIn(entry, route.namespace) };
    }),
  );
}

/** The destinations of a VirtualService. */
export function destinationsOf(route: MeshObject): readonly RoutedDestination[] {
  return routeEntries(route)
    .flat()
    .flatMap(({ destinations }) => destinations);
}

function destinationsIn(entry: Fields, namespace: string): RoutedDestination[] {
  const targets = [
    ...[...listAt(entry, 'route'), ...listAt(entry, 'mirrors')].map((one) => fieldsAt(one, 'destination')),
    ...(entry.mirror === undefined ? [] : [fieldsAt(entry, 'mirror')]),
  ];
  return targets.map((target) => {
    const { number } = fieldsAt(target, 'port');
    return {
      host: fullHost(textAt(target, 'host') ?? '', namespace),
      subset: textAt(target, 'subset'),
      port: typeof number === 'number' ? number : undefined,
    };
  });
}

/** An HTTP match without the conditions that Istio ignores because of its gateways. */
function effective(match: Fields): Fields {
  return textsAt(match, 'gateways').length > 0
    ? { ...match, sourceLabels: undefined, sourceNamespace: undefined }
    : match;
}
