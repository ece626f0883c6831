import { labelNameProblem } from '../object-name';

/** Stands for the sidecars of clients, among the gateways of a VirtualService. */
export const MESH_GATEWAY = 'mesh';

/** The problem with a gateway's `name` or `namespace/name`, or nothing. */
export function gatewayNameProblem(gateway: string): string[] {
  const parts = gateway.split('/');
  const named = parts.length <= 2 && parts.every((part) => labelNameProblem('gateway', part).length === 0);
  // Istio takes a number without a namespace for an address.
  return named && !/^\d+$/.test(gateway)
    ? []
    : [`gateway '${gateway}' is not a gateway's name: write NAME or NAMESPACE/NAME`];
}
