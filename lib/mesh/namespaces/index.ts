export { MeshNamespace, type MeshNamespaceProps } from './mesh-namespace';
export { NamespaceOwnership, OWNERSHIP_ANNOTATION } from './namespace-ownership';
export { type NamespaceReference } from './namespace-reference';
export { SidecarInjection } from './sidecar-injection';
