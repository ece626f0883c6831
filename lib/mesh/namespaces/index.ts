export { MeshNamespace, type MeshNamespaceProps, type NamespaceReference } from './mesh-namespace';
export { NamespaceOwnership, OWNERSHIP_ANNOTATION } from './namespace-ownership';
export { SidecarInjection } from './sidecar-injection';
