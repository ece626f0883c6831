import type { UpgradeOptions } from '../istio/upgrade-policy';
import { findingsFor } from './finding';
import { controlPlaneObservations, inspectControlPlanes, upgradeSteps } from './inspect-control-planes';
import { inspectNamespaces } from './inspect-namespaces';
import { inspectProxies, proxyObservations } from './inspect-proxies';
import { registryObservations } from './inspect-registries';
import { inspectResources, resourceObservations } from './inspect-resources';
import type { FindingSeverity, InspectionPurpose, MeshInspection } from './inspection';
import type { MeshState } from './mesh-state';
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
