import type { Construct } from 'constructs';
import { GATEWAY_API, type GatewayApiKind } from './gateway-api-group';
import { IstioObject } from '../istio-object';
import { MeshOrder } from '../mesh-order';

/** The raw object of a construct. */
export function gatewayApiObject(
  construct: Construct,
  kind: GatewayApiKind,
  metadata: { readonly name: string; readonly namespace: string },
  spec: Readonly<Record<string, unknown>>,
): IstioObject {
  // istiod reads ReferenceGrants as v1beta1, which every version of the CRD serves.
  const version = kind === 'ReferenceGrant' ? 'v1beta1' : 'v1';
  const object = new IstioObject(construct, 'Default', {
    apiVersion: `${GATEWAY_API}/${version}`,
    kind,
    metadata,
    spec,
  });
  MeshOrder.of(construct).addObjects(construct);
  return object;
}
