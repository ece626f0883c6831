import { groupBy } from '../../../group-by';
import { shellCommand } from '../../cluster/shell-command';
import { nameOf, type Decisions, type WorkloadPlan } from '../plan';
import { effectiveMutualTls, isForAllPods, type EffectiveMutualTls } from '../../istio/mutual-tls/effective-mutual-tls';
import type { PeerAuthentication } from '../../istio/mutual-tls/peer-authentications';
import type { MutualTlsTransition } from './transition';
import { isTransition, transitionPolicy } from '../../istio/mutual-tls/transition-policy';

export interface TransitionInputs {
  readonly plan: Decisions;
  readonly policies: readonly PeerAuthentication[];
  readonly rootNamespace: string;
  /** Whether the mesh becomes STRICT after the run. */
  readonly strictFollows: boolean;
  /**
   * Why the plan cannot tell that all workloads of the namespace have entered or left the mesh, as a clause; undefined
   * if it can.
   */
  readonly whyUnjudged: (namespace: string) => string | undefined;
  /** Whether it is known that the workload neither enters nor leaves the mesh, although its sidecar is undetermined. */
  readonly keepsSidecar: (workload: WorkloadPlan) => boolean;
}

/** The transitions to begin and end, from the plan and the policies. */
export interface TransitionPlan {
  /** Namespaces that must accept plain text from now on. */
  readonly begin: readonly string[];
  /** Namespaces whose transition is complete. */
  readonly end: readonly string[];
  readonly transitions: readonly MutualTlsTransition[];
}

/** Whether a workload is about to get its first sidecar, or to lose its sidecar. */
export function changesMembership({ differences }: WorkloadPlan): boolean {
  return differences.some(({ path }) => path === 'sidecar');
}

/** Whether the workload calls others without mutual TLS until its user restarts it. */
function lacksSidecar({ differences }: WorkloadPlan): boolean {
  return differences.some(({ path, old }) => path === 'sidecar' && old === '(none)');
}

/**
 * Whether a run restarts the workload, now or later, and the workload thereby gets its first sidecar or loses its
 * sidecar. Transitions do not wait for workloads that only users can restart.
 */
export function isPending(workload: WorkloadPlan): boolean {
  return ['restart', 'wait', 'deferred'].includes(workload.decision) && changesMembership(workload);
}

/** Whether it is unknown if the workload is about to get its first sidecar, or to lose its sidecar. */
function mayChangeMembership({ decision, differences, others = [] }: WorkloadPlan): boolean {
  const found = [...differences, ...others];
  return decision === 'undetermined' && (found.length === 0 || found.some(({ path }) => path === 'sidecar'));
}

export function planTransitions({
  plan,
  policies,
  rootNamespace,
  strictFollows,
  whyUnjudged,
  keepsSidecar,
}: TransitionInputs): TransitionPlan {
  const open = new Set(policies.filter(isTransition).map(({ metadata }) => metadata.namespace ?? ''));
  const others = policies.filter((policy) => !isTransition(policy));
  const inForce = effectiveMutualTls(policies, rootNamespace);
  const mutualTls = effectiveMutualTls(others, rootNamespace);
  // A permissive policy in the root namespace would apply to the whole mesh, so the root namespace has no transition.
  const pending = groupBy(
    plan.workloads.filter((workload) => isPending(workload) && workload.namespace !== rootNamespace),
    ({ namespace }) => namespace,
  );
  const begin: string[] = [];
  const transitions: MutualTlsTransition[] = [];
  for (const [namespace, workloads] of pending) {
    const strict = strictPoliciesOf(namespace, others, inForce.ofNamespace(namespace));
    if (strict.length > 0) {
      transitions.push({ namespace, state: 'strict', message: strictMessage(namespace, strict) });
    }
    const { mode, policy } = mutualTls.ofNamespace(namespace);
    const isOfMesh = policy === undefined || policy.metadata.namespace === rootNamespace;
    if (open.has(namespace) || (isOfMesh && (mode === 'STRICT' || strictFollows))) {
      if (!open.has(namespace)) {
        begin.push(namespace);
      }
      transitions.push(permissive(namespace, workloads));
    }
  }
  const end: string[] = [];
  for (const namespace of [...open].filter((one) => !pending.has(one)).sort()) {
    const unknown = plan.workloads.filter(
      (workload) => workload.namespace === namespace && mayChangeMembership(workload) && !keepsSidecar(workload),
    );
    const why = unknown.length > 0 ? whyUnknown(unknown) : whyUnjudged(namespace);
    transitions.push(why === undefined ? ended(namespace, plan) : stillPermissive(namespace, why));
    if (why === undefined) {
      end.push(namespace);
    }
  }
  return { begin, end, transitions };
}

function whyUnknown(unknown: readonly WorkloadPlan[]): string {
  return `it cannot be determined whether these workloads enter or leave the mesh: ${listed(unknown)}`;
}

function stillPermissive(namespace: string, why: string): MutualTlsTransition {
  const { name } = transitionPolicy(namespace).metadata;
  const command = shellCommand('kubectl', '-n', namespace, 'delete', 'peerauthentication', name);
  return {
    namespace,
    state: 'permissive',
    message:
      `namespace ${namespace} still accepts plain text in addition to mutual TLS, since ${why}; ` +
      `to end this by hand, delete its PeerAuthentication: ${command}`,
  };
}

/** Policies of the namespace that keep STRICT for all or some of its pods despite a transition. */
function strictPoliciesOf(
  namespace: string,
  policies: readonly PeerAuthentication[],
  { mode, policy: effective }: EffectiveMutualTls,
): readonly PeerAuthentication[] {
  return policies.filter((policy) => {
    if (policy.metadata.namespace !== namespace) {
      return false;
    }
    const ports = Object.values(policy.spec?.portLevelMtls ?? {}).some((port) => port?.mode === 'STRICT');
    return (
      ports || (isForAllPods(policy) ? policy === effective && mode === 'STRICT' : policy.spec?.mtls?.mode === 'STRICT')
    );
  });
}

function strictMessage(namespace: string, policies: readonly PeerAuthentication[]): string {
  const names = policies.map(({ metadata }) => `${namespace}/${metadata.name}`).join(', ');
  const one = policies.length === 1;
  return (
    `PeerAuthentication ${names} ${one ? 'keeps' : 'keep'} mutual TLS STRICT in namespace ${namespace} while its workloads enter or leave the mesh: ` +
    `pods without a sidecar cannot call those that have one; set ${one ? 'its' : 'their'} mode to PERMISSIVE until the restart is complete`
  );
}

function permissive(namespace: string, workloads: readonly WorkloadPlan[]): MutualTlsTransition {
  const opens = workloads.flatMap(({ deferredUntil }) => deferredUntil ?? []).sort();
  const until = opens.at(-1);
  const names = listed(workloads);
  return {
    namespace,
    state: 'permissive',
    message:
      `namespace ${namespace} accepts plain text in addition to mutual TLS while its workloads enter or leave the mesh: ${names}` +
      (until === undefined
        ? ''
        : `; the last maintenance window opens at ${until}, and a run within the window ends this`),
    ...(until === undefined ? {} : { until }),
  };
}

function ended(namespace: string, plan: Decisions): MutualTlsTransition {
  const left = plan.workloads.filter(
    (workload) => workload.namespace === namespace && workload.decision === 'warn' && lacksSidecar(workload),
  );
  return {
    namespace,
    state: 'ended',
    message:
      `the transition of namespace ${namespace} is over, so its mutual TLS is the same as before` +
      (left.length === 0
        ? ''
        : `: where mutual TLS is STRICT, calls from ${listed(left)} are refused until ${left.length === 1 ? 'its user restarts it' : 'their users restart them'}`),
    ...(left.length === 0 ? {} : { refused: left.map(nameOf) }),
  };
}

function listed(workloads: readonly WorkloadPlan[]): string {
  const shown = workloads.slice(0, 5).map(nameOf).join(', ');
  return workloads.length > 5 ? `${shown} and ${String(workloads.length - 5)} more` : shown;
}
