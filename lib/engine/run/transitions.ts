import { apiPath } from '../cluster/api-path';
import { readIstiods } from '../istio/control-planes';
import { injectionWebhooks } from '../istio/injection-webhooks';
import type { KubernetesApi } from '../cluster/api';
import { ApiFailure } from '../cluster/api-failure';
import { unlessNotFound } from '../cluster/unless-not-found';
import { rootNamespaceOf } from '../istio/root-namespace';
import { readPeerAuthentications } from '../istio/mutual-tls/peer-authentications';
import { isPending, planTransitions, type TransitionPlan } from '../plan/mutual-tls/plan-transitions';
import type { Planned } from './plan-cluster';
import { TRANSITION_SELECTOR, transitionPolicy } from '../istio/mutual-tls/transition-policy';

/**
 * How long istiod may take to push a change to the proxies. It collects changes for up to a second before each push.
 */
const PROPAGATION_MILLISECONDS = 3_000;

const NOTHING: TransitionPlan = { begin: [], end: [], transitions: [] };

/**
 * Determines which transitions to begin and end. If no workload enters or leaves the mesh, reads only transitions of
 * earlier runs, and none if the credentials do not permit it.
 *
 * @throws ApiFailure
 */
export async function readTransitions(
  api: KubernetesApi,
  { plan, configurations }: Pick<Planned, 'plan' | 'configurations'>,
  strictFollows = false,
): Promise<TransitionPlan> {
  if (!plan.workloads.some(isPending)) {
    const policies = await leftTransitions(api);
    return policies.length === 0
      ? NOTHING
      : planTransitions({ plan, policies, rootNamespace: '', strictFollows: false });
  }
  const [policies, istiods] = await Promise.all([
    readPeerAuthentications(api),
    readIstiods(api, injectionWebhooks(configurations)),
  ]);
  return planTransitions({ plan, policies, rootNamespace: rootNamespaceOf(istiods), strictFollows });
}

async function leftTransitions(api: KubernetesApi): ReturnType<typeof readPeerAuthentications> {
  try {
    return await readPeerAuthentications(api, TRANSITION_SELECTOR);
  } catch (error) {
    if (error instanceof ApiFailure && error.deniedByRbac) {
      return [];
    }
    throw error;
  }
}

/**
 * Makes namespaces permissive before the first of their workloads is restarted.
 *
 * @throws ApiFailure
 */
export async function beginTransitions(api: KubernetesApi, { begin }: TransitionPlan): Promise<void> {
  for (const namespace of begin) {
    try {
      await api.request(pathOf(namespace), { method: 'POST', body: transitionPolicy(namespace) });
    } catch (error) {
      // Another run may have started the same transition.
      if (!(error instanceof ApiFailure && error.status === 409)) {
        throw error;
      }
    }
  }
  if (begin.length > 0) {
    await api.pause(PROPAGATION_MILLISECONDS);
  }
}

/**
 * Deletes the policies of transitions that are over.
 *
 * @throws ApiFailure
 */
export async function endTransitions(api: KubernetesApi, { end }: TransitionPlan): Promise<void> {
  for (const namespace of end) {
    const { name } = transitionPolicy(namespace).metadata;
    await unlessNotFound(api.request(`${pathOf(namespace)}/${name}`, { method: 'DELETE' }));
  }
}

function pathOf(namespace: string): string {
  return apiPath({ apiVersion: 'security.istio.io/v1', resource: 'peerauthentications', namespace });
}
