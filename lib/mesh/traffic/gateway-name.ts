import type { IConstruct } from 'constructs';
import type { GatewayServer } from './gateway-server';
import { labelNameProblem } from '../object-name';

/** Stands for the sidecars of clients, among the gateways of a VirtualService. */
export const MESH_GATEWAY = 'mesh';

/** What is used of a `Gateway` that others refer to. */
export interface GatewayConstruct extends IConstruct {
  /** Name of the Gateway. */
  readonly name: string;

  /** Name of its namespace. */
  readonly namespace: string;

  /** What it serves. */
  readonly servers: readonly GatewayServer[];
}

/** A gateway, as the construct or as `name` or `namespace/name`; `mesh` stands for the sidecars of clients. */
export type GatewayReference = GatewayConstruct | string;

/** The name of a gateway as an object of a namespace may write it: without the namespace where that is its own. */
export function gatewayName(gateway: GatewayReference, namespace?: string): string {
  if (typeof gateway === 'string') return gateway;
  return gateway.namespace === namespace ? gateway.name : `${gateway.namespace}/${gateway.name}`;
}

/** The name of a gateway in full, as an object of a namespace means it. */
export function fullGatewayName(gateway: GatewayReference, namespace: string): string {
  const written = gatewayName(gateway);
  if (written === MESH_GATEWAY || written.includes('/')) return written;
  // Istio's older form: NAME.NAMESPACE, or a domain name that starts so.
  const [name = '', place = namespace] = written.split('.');
  return `${place}/${name}`;
}

/** The problem with a gateway's `name` or `namespace/name`, or nothing. */
export function gatewayNameProblem(gateway: string): string[] {
  const parts = gateway.includes('/') ? gateway.split('/') : gateway.split('.');
  const named =
    (parts.length <= 2 || !gateway.includes('/')) &&
    parts.every((part) => labelNameProblem('gateway', part).length === 0);
  // Istio takes a number at the end, without a namespace before it, for an address.
  return named && !/^([^/]*\.)?\d+$/.test(gateway)
    ? []
    : [`gateway '${gateway}' is not a gateway's name: write NAME or NAMESPACE/NAME`];
}
