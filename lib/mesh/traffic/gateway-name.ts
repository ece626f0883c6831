import type { IConstruct } from 'constructs';
import type { GatewayServer } from './gateway-server';
import { labelNameProblem } from '../object-name';

/** Stands for the sidecars of clients in the `gateways` of a VirtualService. */
export const MESH_GATEWAY = 'mesh';

/** The parts of a `Gateway` that other constructs use. */
export interface GatewayConstruct extends IConstruct {
  /** Name of the Gateway. */
  readonly name: string;

  /** Namespace of the Gateway. */
  readonly namespace: string;

  /** Servers of the Gateway. */
  readonly servers: readonly GatewayServer[];
}

/** A gateway, as the construct or as `name` or `namespace/name`; `mesh` stands for the sidecars of clients. */
export type GatewayReference = GatewayConstruct | string;

/** The name by which an object in a namespace refers to a gateway: only its name if it is in the same namespace. */
export function gatewayName(gateway: GatewayReference, namespace?: string): string {
  if (typeof gateway === 'string') return gateway;
  return gateway.namespace === namespace ? gateway.name : `${gateway.namespace}/${gateway.name}`;
}

/** The full name of a gateway to which an object in a namespace refers. */
export function fullGatewayName(gateway: GatewayReference, namespace: string): string {
  const written = gatewayName(gateway);
  if (written === MESH_GATEWAY || written.includes('/')) return written;
  // Istio's older form: NAME.NAMESPACE, or a domain name that starts with it.
  const [name = '', place = namespace] = written.split('.');
  return `${place}/${name}`;
}

/** The problem with a gateway's `name` or `namespace/name`, if any. */
export function gatewayNameProblem(gateway: string): string[] {
  const parts = gateway.includes('/') ? gateway.split('/') : gateway.split('.');
  const named =
    (parts.length <= 2 || !gateway.includes('/')) &&
    parts.every((part) => labelNameProblem('gateway', part).length === 0);
  // Without the prefix `NAMESPACE/`, Istio parses a name as an address if its last dot-separated part is a number.
  return named && !/^([^/]*\.)?\d+$/.test(gateway)
    ? []
    : [`gateway '${gateway}' is not a valid gateway name: write NAME or NAMESPACE/NAME`];
}
