import { apiPath } from '../cluster/api-path';
import { readIstiods } from '../istio/control-planes';
import { injectionWebhooks } from '../istio/injection-webhooks';
import type { KubernetesApi } from '../cluster/api';
import { ApiFailure } from '../cluster/api-failure';
import { unlessNotFound } from '../cluster/unless-not-found';
import { rootNamespaceOf } from '../istio/root-namespace';
import { readPeerAuthentications, type PeerAuthentication } from '../istio/mutual-tls/peer-authentications';
import { keepsSidecar } from '../plan/mutual-tls/keeps-sidecar';
import { isPending, planTransitions, type TransitionPlan } from '../plan/mutual-tls/plan-transitions';
import type { MutualTlsTransition } from '../plan/mutual-tls/transition';
import { whyUnjudged } from '../plan/mutual-tls/why-unjudged';
import type { WorkloadPlan } from '../plan/plan';
import { keyOf } from '../snapshot/snapshot';
import type { Planned, Planning } from './plan-cluster';
import { planOptionsOf } from './plan-options-of';
import { isTransition, TRANSITION_SELECTOR, transitionPolicy } from '../istio/mutual-tls/transition-policy';

/**
 * How long istiod may take to push a change to the proxies. It collects changes for up to a second before each push.
 */
const PROPAGATION_MILLISECONDS = 3_000;

const NOTHING: TransitionPlan = { begin: [], end: [], transitions: [] };

/**
 * Determines which transitions of the selected namespaces to begin and end. If no workload enters or leaves the mesh,
 * reads only transitions of earlier runs, and none if the credentials do not permit it.
 *
 * @throws ApiFailure
 */
export async function readTransitions(
  { api, options, purpose }: Pick<Planning, 'api' | 'options' | 'purpose'>,
  { plan, snapshot, answers, configurations }: Planned,
): Promise<TransitionPlan> {
  const { namespaces, except = [], strictFollows = false } = options;
  const basis = { snapshot, answers, options: planOptionsOf(api, options, purpose), except };
  const workloads = new Map(snapshot.workloads.map((workload) => [keyOf(workload), workload]));
  const inputs = {
    plan,
    whyUnjudged: (namespace: string) => whyUnjudged(namespace, basis),
    keepsSidecar: (one: WorkloadPlan) => {
      const workload = workloads.get(keyOf(one));
      return workload !== undefined && keepsSidecar(workload, answers);
    },
  };
  const isOfRun = ({ metadata: { namespace = '' } }: PeerAuthentication) => namespaces?.includes(namespace) ?? true;
  if (!plan.workloads.some(isPending)) {
    const policies = (await leftTransitions(api)).filter(isOfRun);
    return policies.length === 0
      ? NOTHING
      : planTransitions({ ...inputs, policies, rootNamespace: '', strictFollows: false });
  }
  const [all, istiods] = await Promise.all([
    readPeerAuthentications(api),
    readIstiods(api, injectionWebhooks(configurations)),
  ]);
  const policies = all.filter((policy) => !isTransition(policy) || isOfRun(policy));
  return planTransitions({ ...inputs, policies, rootNamespace: rootNamespaceOf(istiods), strictFollows });
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
 * Makes namespaces permissive before the first of their workloads is restarted. If admission refuses this for a
 * namespace, this affects only that namespace. After an error, no namespace stays permissive because of this call,
 * unless the run is stopped or the cluster cannot be reached.
 *
 * @returns the transitions of the plan, with their states from now on
 * @throws ApiFailure
 */
export async function beginTransitions(
  api: KubernetesApi,
  { begin, transitions }: TransitionPlan,
): Promise<readonly MutualTlsTransition[]> {
  const begun: string[] = [];
  const refused = new Map<string, MutualTlsTransition>();
  try {
    for (const namespace of begin) {
      try {
        await api.request(pathOf(namespace), { method: 'POST', body: transitionPolicy(namespace) });
        begun.push(namespace);
      } catch (error) {
        // Status 409: another run has started the same transition.
        if (!(error instanceof ApiFailure) || !(error.status === 409 || isOfNamespace(error))) {
          throw error;
        }
        if (error.isOfAdmission && !error.isOfGoneNamespace) {
          refused.set(namespace, refusedTransition(namespace, error.message));
        }
      }
    }
    if (begin.length > refused.size) {
      await api.pause(PROPAGATION_MILLISECONDS);
    }
  } catch (error) {
    for (const namespace of begun) {
      await endTransition(api, namespace).catch(() => undefined);
    }
    throw error;
  }
  return transitions.map((one) => (one.state === 'permissive' ? (refused.get(one.namespace) ?? one) : one));
}

/** Whether the namespace is gone, or admission refuses the policy there. A missing permission is no such refusal. */
function isOfNamespace({ isOfGoneNamespace, isOfAdmission }: ApiFailure): boolean {
  return isOfGoneNamespace || isOfAdmission;
}

function refusedTransition(namespace: string, why: string): MutualTlsTransition {
  const { name } = transitionPolicy(namespace).metadata;
  return {
    namespace,
    state: 'strict',
    message:
      `PeerAuthentication ${namespace}/${name} was refused (${why.trim().replace(/\s+/g, ' ').replace(/\.$/, '')}), ` +
      `so namespace ${namespace} does not accept plain text while its workloads enter or leave the mesh, and pods without a sidecar cannot call those that have one; ` +
      'allow this PeerAuthentication, or set the mode to PERMISSIVE until the restart is complete',
  };
}

/**
 * Deletes the policies of transitions that are over. If one of them cannot be deleted, deletes the others all the same.
 *
 * @throws ApiFailure
 */
export async function endTransitions(api: KubernetesApi, { end }: TransitionPlan): Promise<void> {
  const failures: ApiFailure[] = [];
  for (const namespace of end) {
    try {
      await endTransition(api, namespace);
    } catch (error) {
      if (!(error instanceof ApiFailure)) {
        throw error;
      }
      failures.push(error);
    }
  }
  const [first] = failures;
  if (first) {
    throw first;
  }
}

async function endTransition(api: KubernetesApi, namespace: string): Promise<void> {
  const { name } = transitionPolicy(namespace).metadata;
  await unlessNotFound(api.request(`${pathOf(namespace)}/${name}`, { method: 'DELETE' }));
}

function pathOf(namespace: string): string {
  return apiPath({ apiVersion: 'security.istio.io/v1', resource: 'peerauthentications', namespace });
}
