/** The label of namespaces and pods that selects a revision or a revision tag for injection. */
export const REVISION_LABEL = 'istio.io/rev';

/** The label of namespaces for injection by the default revision: `enabled` or `disabled`. */
export const INJECTION_LABEL = 'istio-injection';
