/**
 * The engine: finds the workloads whose sidecar is out of date, restarts them, and inspects a mesh.
 *
 * @module istio-module/engine
 */

export type { InjectorWait } from './run/await-injector';
export { cleanText } from './cluster/clean-text';
export { differenceLines } from './report/difference-lines';
export { eventLines } from './report/event-lines';
export type { Difference } from './injector/differences';
export { identityOf, refuseForeignResources } from './istio/foreign-resources';
export { inspectMesh, type InspectionOptions } from './inspect/inspect-mesh';
export type { InspectionScope } from './inspect/inspect-state';
export type {
  ControlPlaneInspection,
  Finding,
  FindingCode,
  FindingSeverity,
  InspectedObject,
  InspectedResource,
  InspectionPurpose,
  MeshInspection,
  NamespaceInspection,
  ProxyGroup,
  ProxySkew,
  UpgradeStep,
} from './inspect/inspection';
export type { MutualTlsMode } from './istio/mutual-tls/effective-mutual-tls';
export type { InterruptionCode } from './kinds/interruption-code';
export type { Interruption, InterruptionReason } from './plan/interruption';
export type { MutualTlsTransition, TransitionState } from './plan/mutual-tls/transition';
export type { ApiOptions } from './cluster/api';
export type { ClusterOptions } from './cluster/kubeconfig/cluster-access';
export type { LabelSelector, StringMap, Webhook } from './cluster/objects';
export {
  nameOf,
  type Decision,
  type Decisions,
  type IgnoredAnnotation,
  type InPlacePlan,
  type PlanBound,
  type Reason,
  type RestartMethod,
  type RestartPlan,
  type SkipReason,
  type WorkloadPlan,
} from './plan/plan';
export type { WarningReason } from './kinds/warning-reason';
export type {
  FailedWorkload,
  RestartedWorkload,
  RestartReport,
  UpdatedWorkload,
  WorkloadName,
} from './run/restart-report';
export { removalLines } from './report/removal-lines';
export { uninstalling, type Uninstall, type UninstallPlace } from './report/uninstalling';
export { removeInjection } from './run/remove-injection';
export { RestartError, type RestartErrorCode, type RestartErrorOptions, type RestartProgress } from './restart-error';
export type { PublishedPlan, PublishedWorkload } from './run/published-plan';
export type { ConfigMapName, RestartOptions } from './run/restart-options';
export type { Manifest } from './plan/prediction/manifest';
export { predictRestarts } from './run/predict-restarts';
export type { PredictionOptions } from './run/predicted-plan';
export { awaitControlPlane, type ControlPlaneWait } from './run/await-control-plane';
export { planRemoval, planRestarts } from './run/plan-restarts';
export { removeSidecars, restartWorkloads } from './run/restart-workloads';
export type { RollOutOptions } from './rollout/roll-out';
export type { RollOutResult } from './rollout/roll-out-task';
export type { RollOutAction, RoundWorkload, RunEvent, RunWorkload } from './run/run-event';
export type { StopOptions } from './rollout/stopping';
export type { WatchOptions } from './watch/watch-options';
export { watchRestarts } from './watch/watch-restarts';
export type { NextRunReason, WatchEvent } from './watch/watch-event';
export type { LeaseOptions } from './watch/leadership';
export { checkUpgrade, type UpgradeOptions } from './istio/upgrade-policy';
export {
  applyWebhookConfiguration,
  deleteWebhookConfiguration,
  findWebhookConfiguration,
  type WebhookManifest,
} from './istio/webhook-configuration';
