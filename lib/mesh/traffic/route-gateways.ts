import type { RouteSurroundings } from './destination-problems';
import { fullGatewayName, MESH_GATEWAY } from './gateway-name';

/** The full names of the gateways to whose requests a policy's routes apply. */
export function gatewaysOf({ gateways }: RouteSurroundings): readonly string[] {
  return gateways.length > 0 ? gateways : [MESH_GATEWAY];
}

/** The problems with gateways that a match names but the policy does not, one sentence each. */
export function unknownGatewayProblems(
  at: string,
  named: readonly string[],
  surroundings: RouteSurroundings,
): string[] {
  // The policy that delegates defines the gateways.
  if (surroundings.delegated) return [];
  return named
    .filter((gateway) => !gatewaysOf(surroundings).includes(fullGatewayName(gateway, surroundings.namespace)))
    .map((gateway) => `${at}: gateway '${gateway}' is not one of the policy's: add it to the prop gateways`);
}
