/** Namespaces in which istiod injects nothing, even if its webhook selects them. */
export const NEVER_INJECTED: readonly string[] = [
  'kube-system',
  'kube-public',
  'kube-node-lease',
  'local-path-storage',
];
