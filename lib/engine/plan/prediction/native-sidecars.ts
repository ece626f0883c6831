import type { InjectorAnswers } from '../ask-injector';
import { forbidden } from '../../cluster/forbidden';
import type { KubernetesApi } from '../../cluster/api';
import { ApiFailure } from '../../cluster/api-failure';
import type { Snapshot } from '../../snapshot/snapshot';
import type { Revision } from './injection-state';

const VARIABLE = 'ENABLE_NATIVE_SIDECARS';
const ANNOTATION = 'sidecar.istio.io/nativeSidecar';
/** Of Kubernetes: from this minor version on, Istio's `auto` makes sidecars native. */
const MINOR = 33;
/** Of Istio, the first whose default is `auto`. */
const AUTO_BY_DEFAULT: readonly [number, number] = [1, 27];

/** Nothing but a prediction reads nodes, and seldom has to. */
const BESIDE_RESTART_ACCESS = 'beside what a SidecarRestartAccess grants (see Permissions in the README)';

/** Tells of a revision whether its sidecars are native, where the pod itself does not say. */
export type NativeSidecars = (revision: Revision) => boolean;

/**
 * By istiod's own switch; where that leaves it to the nodes, as the injector's answers of today show it, or as the nodes'
 * versions do.
 *
 * @param asked the revisions that it will be asked about
 * @throws RestartError `Forbidden` if only the nodes contain the answer, and the credentials may not list them
 */
export async function readNativeSidecars(
  api: KubernetesApi,
  snapshot: Snapshot,
  today: InjectorAnswers,
  installed: ReadonlyMap<string, Revision>,
  asked: readonly Revision[],
): Promise<NativeSidecars> {
  const byAuto =
    asked.some((revision) => modeOf(revision) === 'auto') &&
    (shownBy(snapshot, today, installed) ?? (await areNodesAble(api, today)));
  return (revision) => modeOf(revision) === 'true' || (modeOf(revision) === 'auto' && byAuto);
}

function modeOf({ env, version }: Revision): string {
  const [major = 1, minor = AUTO_BY_DEFAULT[1]] = (version ?? '').split('.').filter(Boolean).map(Number);
  const isAuto = major > AUTO_BY_DEFAULT[0] || minor >= AUTO_BY_DEFAULT[1];
  return env[VARIABLE] ?? (isAuto ? 'auto' : 'false');
}

/** Where one revision alone is installed and leaves it to the nodes, any sidecar that it gives tells. */
function shownBy(
  { workloads }: Snapshot,
  today: InjectorAnswers,
  installed: ReadonlyMap<string, Revision>,
): boolean | undefined {
  if (![...installed.values()].every((revision) => modeOf(revision) === 'auto')) {
    return undefined;
  }
  for (const { template, id } of workloads) {
    const answer = today.get(id);
    const proxy = answer && 'sidecar' in answer ? answer.sidecar?.containers['istio-proxy'] : undefined;
    const asks =
      template.metadata?.annotations?.[ANNOTATION] !== undefined ||
      template.metadata?.annotations?.['inject.istio.io/templates'] !== undefined;
    if (proxy && !asks) {
      return proxy.placement === 'native sidecar';
    }
  }
  return undefined;
}

interface Node {
  readonly status?: { readonly nodeInfo?: { readonly kubeletVersion?: string } };
}

/** Every node has to be, and say so in a way that Istio can read. */
async function areNodesAble(api: KubernetesApi, today: InjectorAnswers): Promise<boolean> {
  try {
    const versions = await api.list<Node, string>(
      '/api/v1/nodes',
      ({ status }) => status?.nodeInfo?.kubeletVersion ?? '',
    );
    return versions.length > 0 && versions.every((version) => Number(/^v?\d+\.(\d+)/.exec(version)?.[1] ?? 0) >= MINOR);
  } catch (error) {
    if (!(error instanceof ApiFailure && error.deniedByRbac)) {
      throw error;
    }
    if ([...today.values()].some((answer) => 'sidecar' in answer && answer.sidecar)) {
      throw forbidden(error, BESIDE_RESTART_ACCESS);
    }
    // A sidecar's place is no difference to having none.
    return false;
  }
}
