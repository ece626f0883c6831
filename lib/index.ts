/**
 * Constructs for a mesh as code: the control plane, namespaces, security, traffic and telemetry.
 *
 * @module istio-module
 */

// Must be first, because the other exports need it.
import './require-cdk8s';

export * from './mesh/access';
export * from './mesh/extensions';
export * from './mesh/gateway-api';
export * from './mesh/installation';
export * from './mesh/namespaces';
export * from './mesh/ordering';
export * from './mesh/proxies';
export * from './mesh/restarter';
export * from './mesh/security';
export * from './mesh/telemetry';
export * from './mesh/traffic';
export { type Labels } from './mesh/labels';
export { MeshConstruct } from './mesh/mesh-construct';
export { type PolicyScope, type PolicyTarget, type TargetedPolicyScope } from './mesh/policy-scope';
