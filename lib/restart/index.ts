export type { InjectorWait } from './await-injector';
export { differenceLines } from './difference-lines';
export type { Difference } from './differences';
export { identityOf, refuseForeignResources } from './foreign-resources';
export { inspectMesh, type InspectionOptions, type InspectionScope } from './inspection/inspect-mesh';
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
} from './inspection/inspection';
export type { MutualTlsMode } from './mutual-tls/effective-mutual-tls';
export type { MutualTlsTransition, TransitionState } from './mutual-tls/transition';
export type { ApiOptions } from './kubernetes/api';
export type { ClusterOptions } from './kubernetes/kubeconfig/cluster-access';
export type { LabelSelector, StringMap, Webhook } from './kubernetes/objects';
export {
  nameOf,
  type Decision,
  type Decisions,
  type IgnoredAnnotation,
  type PlanBound,
  type Reason,
  type RestartPlan,
  type SkipReason,
  type WarningReason,
  type WorkloadPlan,
} from './plan';
export type { FailedWorkload, RestartedWorkload, RestartReport, WorkloadName } from './report';
export { removalLines } from './removal-lines';
export { removeInjection } from './remove-injection';
export { RestartError, type RestartErrorCode, type RestartErrorOptions } from './restart-error';
export type { RestartOptions } from './restart-options';
export type { Manifest } from './prediction/manifest';
export { predictRestarts, type PredictionOptions } from './prediction/predict-restarts';
export { awaitControlPlane, planRemoval, planRestarts, removeSidecars, restartWorkloads } from './restart-workloads';
export type { RollOutOptions, RollOutResult } from './roll-out';
export type { RollOutAction, RollOutEvent, RoundWorkload } from './roll-out-event';
export type { StopOptions } from './stopping';
export { checkUpgrade } from './upgrade-policy';
export {
  applyWebhookConfiguration,
  deleteWebhookConfiguration,
  findWebhookConfiguration,
  type WebhookManifest,
} from './webhook-configuration';
