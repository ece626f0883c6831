export { SidecarRestartAccess, type SidecarRestartAccessProps } from './sidecar-restart-access';
