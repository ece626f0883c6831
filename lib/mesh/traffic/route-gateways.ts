import type { RouteSurroundings } from './destination-problems';
import { fullGatewayName, MESH_GATEWAY } from './gateway-name';

/** The gateways whose requests a policy's routes are for, by their names in full. */
export function gatewaysOf({ gateways }: RouteSurroundings): readonly string[] {
  return gateways.length > 0 ? gateways : [MESH_GATEWAY];
}

/** The gateways that a match names and the policy does not, one sentence each. */
export function unknownGatewayProblems(
  at: string,
  named: readonly string[],
  surroundings: RouteSurroundings,
): string[] {
  // Which gateways there are, says the policy that delegates.
  if (surroundings.delegated) return [];
  return named
    .filter((gateway) => !gatewaysOf(surroundings).includes(fullGatewayName(gateway, surroundings.namespace)))
    .map((gateway) => `${at}: gateway '${gateway}' is not one of the policy's: add it to the prop gateways`);
}
