/** Families of environment variables that configure istiod. */
const FAMILY = /^(?:AMBIENT|CA|CITADEL|ENABLE|INJECT|ISTIO|ISTIOD|K8S|MCS|PILOT|POD|PREFER|UNSAFE|XDS)_[A-Z0-9_]+$/;

/** Further variables that istiod reads. */
const SINGLE: ReadonlySet<string> = new Set([
  ...['AUDIENCE', 'CERT_SIGNER_DOMAIN', 'CLOUD_PLATFORM', 'CLUSTER_ID', 'COMPLIANCE_POLICY'],
  ...['DEFAULT_WORKLOAD_CERT_TTL', 'EXTERNAL_CA', 'EXTERNAL_ISTIOD', 'INJECTION_WEBHOOK_CONFIG_NAME', 'JWT_POLICY'],
  ...['JWT_RULE', 'MAX_WORKLOAD_CERT_TTL', 'METRICS_LOCALHOST_ACCESS_ONLY', 'PLATFORM', 'RESOLVE_HOSTNAME_GATEWAYS'],
  ...['REVISION', 'REWRITE_PROBE_LEGACY_LOCALHOST_DESTINATION', 'SERVICE_ACCOUNT', 'SHARED_MESH_CONFIG'],
  ...['TOKEN_AUDIENCES', 'TOKEN_ISSUER', 'TRUSTED_GATEWAY_CIDR', 'TRUST_DOMAIN', 'VALIDATION_WEBHOOK_CONFIG_NAME'],
]);

/**
 * Whether the variable is Istio's own, and so can be passed to a local process. Other variables of istiod's Deployment
 * may affect a loader, a runtime, a shell or a client of the cluster.
 *
 * @see https://istio.io/latest/docs/reference/commands/pilot-discovery/#envvars
 */
export function isIstioVariable(name: string): boolean {
  return FAMILY.test(name) || SINGLE.has(name);
}
