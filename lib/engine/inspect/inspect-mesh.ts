import { INSPECTION_ACCESS } from '../cluster/forbidden';
import type { ApiOptions, KubernetesApi } from '../cluster/api';
import { RestartError } from '../restart-error';
import { checkUpgrade } from '../istio/upgrade-policy';
import { withCluster } from '../cluster/with-cluster';
import type { InspectionScope } from './inspect-state';
import type { MeshInspection } from './inspection';

/** The cluster and the scope of {@link inspectMesh}. */
export interface InspectionOptions extends ApiOptions, InspectionScope {}

/**
 * Inspects a mesh before an upgrade or uninstall of Istio. Changes nothing.
 *
 * @throws RestartError `InjectorMissing` if Istio is not installed, `InjectorOutOfDate` for an invalid mesh
 * configuration, `InvalidOption`, `KubeconfigInvalid`, `Forbidden`, `ClusterUnreachable`
 */
export async function inspectMesh(options: InspectionOptions = {}): Promise<MeshInspection> {
  checkScope(options);
  const inspect = async (api: KubernetesApi) => {
    const { inspectState } = await import('./inspect-state.js');
    const { readMeshState } = await import('./mesh-state.js');
    return inspectState(await readMeshState(api), options, { cluster: api.context, time: api.clock.now });
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
