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

/** What an inspection is to look at. */
export interface InspectionScope extends UpgradeOptions {
  /**
   * What it is made for.
   *
   * @default - an upgrade and an uninstall; with a target, an upgrade alone
   */
  readonly purpose?: InspectionPurpose;
  /**
   * The version of Istio to upgrade to, such as `1.31.1`.
   *
   * @default - none: no step is judged
   */
  readonly target?: string;
  /**
   * The only namespaces whose workloads, labels and resources are looked at; control planes are in any case.
   *
   * @default - all
   */
  readonly namespaces?: readonly string[];
}

/** Which cluster {@link inspectMesh} is to look at, and at what there. */
export interface InspectionOptions extends ApiOptions, InspectionScope {}

/**
 * What is to be known of a mesh before Istio is upgraded or uninstalled. It only reads.
 *
 * @throws RestartError `InjectorMissing` when Istio is not installed, `InvalidOption`, `Forbidden`, `ClusterUnreachable`
 */
export async function inspectMesh(options: InspectionOptions = {}): Promise<MeshInspection> {
  checkScope(options);
  const inspect = async (api: KubernetesApi) => {
    const state = await readMeshState(api);
    return inspectState(state, options, { cluster: api.context, time: api.clock.now });
  };
  return withCluster(options, inspect, INSPECTION_ACCESS);
}

/** Refuses at once what no cluster is needed for. */
function checkScope({ purpose, target }: InspectionScope): void {
  if (target === undefined) {
    return;
  }
  checkUpgrade(target, target);
  if (purpose === 'uninstall') {
    throw new RestartError('InvalidOption', `A version to upgrade to (${target}) does not apply to an uninstall`, {
      remedy: 'leave out one of them',
    });
  }
}

/**
 * The inspection of what was read.
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
