/** The group of the Gateway API. */
export const GATEWAY_API = 'gateway.networking.k8s.io';

/** Kinds of the Gateway API that have a construct. */
export type GatewayApiKind = 'Gateway' | 'HTTPRoute' | 'GRPCRoute' | 'TLSRoute' | 'ReferenceGrant';
