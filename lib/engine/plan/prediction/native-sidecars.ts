import type { InjectorAnswers } from '../ask-injector';
import { forbidden } from '../../cluster/forbidden';
import type { KubernetesApi } from '../../cluster/api';
import { ApiFailure } from '../../cluster/api-failure';
import type { Snapshot } from '../../snapshot/snapshot';
import { givesSidecar } from '../gives-sidecar';
import type { Revision } from './injection-state';

const VARIABLE = 'ENABLE_NATIVE_SIDECARS';
const ANNOTATION = 'sidecar.istio.io/nativeSidecar';
/** The first minor version of Kubernetes for which Istio's `auto` uses native sidecars. */
const MINOR = 33;
/** The first version of Istio whose default is `auto`. */
const AUTO_BY_DEFAULT: readonly [number, number] = [1, 27];

/** Only a prediction reads nodes, and only if necessary. */
const BESIDE_RESTART_ACCESS = 'in addition to what a SidecarRestartAccess grants (see Permissions in the README)';

/** Whether a revision uses native sidecars, unless the pod specifies it. */
export type NativeSidecars = (revision: Revision) => boolean;

/**
 * Uses istiod's own setting. If that depends on the nodes, uses the injector's current answers, or the nodes' versions.
 *
 * @param asked the revisions in question
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

/**
 * Whether the nodes support native sidecars; undefined if no sidecar shows it. If all installed revisions use `auto`,
 * any sidecar shows it, unless its pod has the annotation for native sidecars or for templates.
 */
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

/** Whether all nodes support native sidecars and have a version that Istio can parse. */
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
    if ([...today.values()].some(givesSidecar)) {
      throw forbidden(error, BESIDE_RESTART_ACCESS);
    }
    // No pod gets a sidecar today. A pod that gets its first sidecar differs in any case, so the placement of that
    // sidecar in the pod does not matter.
    return false;
  }
}
