/** The families of variables by which istiod is configured. */
const FAMILY = /^(?:AMBIENT|CA|CITADEL|ENABLE|INJECT|ISTIO|ISTIOD|K8S|MCS|PILOT|POD|PREFER|UNSAFE|XDS)_[A-Z0-9_]+$/;

/** Those that istiod reads besides. */
const SINGLE: ReadonlySet<string> = new Set([
  ...['AUDIENCE', 'CERT_SIGNER_DOMAIN', 'CLOUD_PLATFORM', 'CLUSTER_ID', 'COMPLIANCE_POLICY'],
  ...['DEFAULT_WORKLOAD_CERT_TTL', 'EXTERNAL_CA', 'EXTERNAL_ISTIOD', 'INJECTION_WEBHOOK_CONFIG_NAME', 'JWT_POLICY'],
  ...['JWT_RULE', 'MAX_WORKLOAD_CERT_TTL', 'METRICS_LOCALHOST_ACCESS_ONLY', 'PLATFORM', 'RESOLVE_HOSTNAME_GATEWAYS'],
  ...['REVISION', 'REWRITE_PROBE_LEGACY_LOCALHOST_DESTINATION', 'SERVICE_ACCOUNT', 'SHARED_MESH_CONFIG'],
  ...['TOKEN_AUDIENCES', 'TOKEN_ISSUER', 'TRUSTED_GATEWAY_CIDR', 'TRUST_DOMAIN', 'VALIDATION_WEBHOOK_CONFIG_NAME'],
]);

/**
 * Whether it is a variable of Istio's own, which a process on this machine may be given: what istiod's Deployment sets
 * besides may be meant for a loader, a runtime, a shell or a client of a cluster.
 *
 * @see https://istio.io/latest/docs/reference/commands/pilot-discovery/#envvars
 */
export function isIstioVariable(name: string): boolean {
  return FAMILY.test(name) || SINGLE.has(name);
}
