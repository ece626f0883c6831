import { INSPECTION_ACCESS } from '../cluster/forbidden';
import type { ApiOptions, KubernetesApi } from '../cluster/api';
import { RestartError } from '../restart-error';
import { checkUpgrade, type UpgradeOptions } from '../istio/upgrade-policy';
import { withCluster } from '../cluster/with-cluster';
import { findingsFor } from './finding';
import { controlPlaneObservations, inspectControlPlanes, upgradeSteps } from './inspect-control-planes';
import { inspectNamespaces } from './inspect-namespaces';
import { inspectProxies, proxyObservations } from './inspect-proxies';
import { registryObservations } from './inspect-registries';
import { inspectResources, resourceObservations } from './inspect-resources';
import type { FindingSeverity, InspectionPurpose, MeshInspection } from './inspection';
import { readMeshState, type MeshState } from './mesh-state';
import { meshView } from './mesh-view';
import { namespaceObservations } from './namespace-observations';

/** The scope of an inspection. */
export interface InspectionScope extends UpgradeOptions {
  /**
   * The purpose of the inspection.
   *
   * @default - both upgrade and uninstall; with `target`, only upgrade
   */
  readonly purpose?: InspectionPurpose;
  /**
   * The version of Istio to upgrade to, such as `1.31.1`.
   *
   * @default - none: no upgrade step is checked
   */
  readonly target?: string;
  /**
   * Inspects workloads, labels and resources only in these namespaces. Control planes are always inspected.
   *
   * @default - all
   */
  readonly namespaces?: readonly string[];
}

/** The cluster and the scope of {@link inspectMesh}. */
export interface InspectionOptions extends ApiOptions, InspectionScope {}

/**
 * Inspects a mesh before an upgrade or uninstall of Istio. Changes nothing.
 *
 * @throws RestartError `InjectorMissing` if Istio is not installed, `InvalidOption`, `Forbidden`, `ClusterUnreachable`
 */
export async function inspectMesh(options: InspectionOptions = {}): Promise<MeshInspection> {
  checkScope(options);
  const inspect = async (api: KubernetesApi) => {
    const state = await readMeshState(api);
    return inspectState(state, options, { cluster: api.context, time: api.clock.now });
  };
  return withCluster(options, inspect, INSPECTION_ACCESS);
}

/** Rejects invalid options that can be checked without a cluster. */
function checkScope({ purpose, target }: InspectionScope): void {
  if (target === undefined) {
    return;
  }
  checkUpgrade(target, target);
  if (purpose === 'uninstall') {
    throw new RestartError('InvalidOption', `The target ${target} does not apply to an uninstall`, {
      remedy: 'remove target, or set purpose to upgrade',
    });
  }
}

/**
 * The inspection of a mesh that was read.
 *
 * @throws RestartError `InvalidOption`, `InjectorOutOfDate`
 */
export function inspectState(
  state: MeshState,
  { purpose, target, namespaces, allowDowngrade }: InspectionScope,
  at: { readonly cluster: string; readonly time: number },
): MeshInspection {
  const view = meshView(state, namespaces);
  const purposes: readonly InspectionPurpose[] = purpose
    ? [purpose]
    : target === undefined
      ? ['upgrade', 'uninstall']
      : ['upgrade'];
  const controlPlanes = inspectControlPlanes(state);
  const steps = upgradeSteps(controlPlanes, target, { allowDowngrade });
  const proxies = inspectProxies(view.workloads, controlPlanes);
  const resources = inspectResources(view);
  const inspected = inspectNamespaces(view);
  const findings = findingsFor(purposes, [
    ...controlPlaneObservations(controlPlanes, steps, target, { allowDowngrade }),
    ...proxyObservations(proxies, controlPlanes, steps, view.workloads),
    ...registryObservations(view),
    ...namespaceObservations(view, inspected),
    ...resourceObservations(resources),
  ]);
  const count = (severity: FindingSeverity) => findings.filter((finding) => finding.severity === severity).length;
  return {
    schemaVersion: 1,
    cluster: at.cluster,
    generatedAt: new Date(at.time).toISOString().replace(/\.\d+Z$/, 'Z'),
    purposes,
    ...(target === undefined ? {} : { target }),
    summary: {
      controlPlanes: controlPlanes.length,
      proxies: proxies.reduce((total, { pods }) => total + pods, 0),
      errors: count('error'),
      warnings: count('warning'),
    },
    controlPlanes,
    proxies,
    steps,
    resources,
    namespaces: inspected,
    findings,
  };
}
