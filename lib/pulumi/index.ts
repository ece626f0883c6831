/**
 * Pulumi resources: a component that applies a mesh and restarts what is out of date.
 *
 * @module istio-module/pulumi
 */

// Must be first, because the other exports need it.
import '../require-cdk8s';

export type { ChartFunction } from './build-chart';
export type { ClusterArgs } from './cluster-args';
export { ControlPlaneReadiness, type ControlPlaneReadinessArgs } from './control-plane-readiness';
export { IstioRelease, type IstioReleaseArgs } from './istio-release';
export { MeshDeployment, type MeshDeploymentArgs } from './mesh-deployment';
export type {
  Decision,
  Difference,
  IgnoredAnnotation,
  InPlacePlan,
  InjectorWait,
  Interruption,
  InterruptionCode,
  InterruptionReason,
  MutualTlsTransition,
  Reason,
  RestartedWorkload,
  RestartMethod,
  RestartReport,
  SkipReason,
  TransitionState,
  UpdatedWorkload,
  WarningReason,
  WorkloadName,
  WorkloadPlan,
} from '../engine';
export type { RestartArgs } from './restart-args';
export { SidecarRemoval, type SidecarRemovalArgs } from './sidecar-removal';
export { SidecarRestart, type SidecarRestartArgs } from './sidecar-restart';
export { UninstallGuard, type UninstallGuardArgs } from './uninstall-guard';
