export * from './mesh/access';
export * from './mesh/installation';
export * from './mesh/namespaces';
export * from './mesh/proxies';
export * from './mesh/security';
export * from './mesh/telemetry';
export * from './mesh/traffic';
export { type Labels } from './mesh/labels';
export { type PolicyScope } from './mesh/policy-scope';
