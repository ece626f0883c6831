import { fullGatewayName } from '../traffic/gateway-name';
import type { Labels } from '../labels';
import type { MeshObject } from './mesh-object';
import type { RoutedDestination, RouteEntry } from './routed-destinations';
import { fieldsAt, textAt, textsAt } from './spec-fields';

type Fields = MeshObject['spec'];

/** Proxies that have the same routes and DestinationRules. */
export interface RouteClient {
  /** The full name of the gateway that the proxies serve; `mesh` for sidecars. */
  readonly gateway: string;

  /** Namespace of the pods; empty for all namespaces that neither DestinationRules nor routes name. */
  readonly namespace: string;

  /** Labels of the pods. */
  readonly labels: Labels;

  /** Whether the pods have no other labels. */
  readonly hasAllLabels: boolean;

  /** Groups of labels. For each group, the pods lack at least one of its labels. */
  readonly lacked: readonly Labels[];
}

/**
 * The destinations to which requests of a client may go.
 *
 * @param entries those of a VirtualService, a list for each protocol
 * @param namespace the namespace of the VirtualService
 */
export function destinationsReachedBy(
  client: RouteClient,
  entries: readonly (readonly RouteEntry[])[],
  namespace: string,
): readonly RoutedDestination[] {
  return entries.flatMap((list) => {
    const reached = list.filter(({ matches }) => matches.some((match) => mayMatch(match, client, namespace)));
    const last = reached.findIndex(({ matches }) => matches.some((match) => matchesAll(match, client, namespace)));
    return reached.slice(0, last < 0 ? undefined : last + 1).flatMap(({ destinations }) => destinations);
  });
}

/** Whether a match may select requests of a client. */
function mayMatch(match: Fields, client: RouteClient, namespace: string): boolean {
  const gateways = textsAt(match, 'gateways').map((gateway) => fullGatewayName(gateway, namespace));
  const labels = fieldsAt(match, 'sourceLabels');
  const has = (name: string, value: unknown) =>
    client.labels[name] === value || (!client.hasAllLabels && client.labels[name] === undefined);
  return (
    (gateways.length === 0 || gateways.includes(client.gateway)) &&
    [undefined, client.namespace].includes(textAt(match, 'sourceNamespace')) &&
    Object.entries(labels).every(([name, value]) => has(name, value)) &&
    !client.lacked.some((group) => Object.entries(group).every(([name, value]) => labels[name] === value))
  );
}

/** Fields of a match that select clients, or that select nothing, such as its name. All others select requests. */
const NOT_OF_REQUESTS = ['name', 'statPrefix', 'ignoreUriCase', 'gateways', 'sourceNamespace', 'sourceLabels'];

/** Whether a match selects all requests of a client. */
function matchesAll(match: Fields, client: RouteClient, namespace: string): boolean {
  return (
    mayMatch(match, client, namespace) &&
    Object.keys(match).every((field) => NOT_OF_REQUESTS.includes(field)) &&
    Object.entries(fieldsAt(match, 'sourceLabels')).every(([name, value]) => client.labels[name] === value)
  );
}
