import type { KubernetesApi } from '../cluster/api';
import { listed } from '../listed';
import { decided, nameOf, type Decisions } from '../plan/plan';
import { RestartError } from '../restart-error';

interface Version {
  readonly major?: string;
  /** Some distributions append a plus sign. */
  readonly minor?: string;
}

/** The first minor version of Kubernetes 1 that can resize native sidecars by default. */
const RESIZES_SIDECARS = 33;
const RESOURCES = /^[^.]+\.resources(?:\.|$)/;

/**
 * Rejects a plan that resizes sidecars if Kubernetes cannot do so. Reads the version only if it matters.
 *
 * @throws RestartError `InvalidOption`
 * @see https://github.com/kubernetes/enhancements/tree/master/keps/sig-node/1287-in-place-update-pod-resources
 */
export async function refuseResize(api: KubernetesApi, plan: Decisions): Promise<void> {
  const resized = decided(plan, 'update').filter(({ inPlace }) =>
    inPlace?.differences.some(({ path }) => RESOURCES.test(path)),
  );
  if (resized.length === 0) {
    return;
  }
  const { major = '', minor = '' } = await api.get<Version>('/version');
  if (major === '1' && Number.parseInt(minor, 10) < RESIZES_SIDECARS) {
    throw new RestartError(
      'InvalidOption',
      `inPlace would change the resources of running sidecars (${listed(resized.map(nameOf))}), which requires Kubernetes 1.${String(RESIZES_SIDECARS)} or later; the API server is ${major}.${minor} (context "${api.context}")`,
      { remedy: 'run without inPlace (--in-place), or exclude these workloads' },
    );
  }
}
