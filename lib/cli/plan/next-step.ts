import type { RestartPlan } from '../../engine/plan/plan';
import type { ClusterFlags } from '../cluster-flags';
import type { SelectionFlags } from '../selection-flags';
import type { OnlySeamlessFlag } from '../only-seamless-flag';
import type { UnrolledFlags } from '../unrolled-flags';

const PLAIN = /^[\w@%+=:,./-]+$/;

/** The flags that select workloads, as typed; empty if there are none. */
export function selectionText({ namespace, allNamespaces, selector }: SelectionFlags): string {
  return [
    ...(namespace && !allNamespaces ? ['-n', namespace.join(',')] : []),
    ...(selector === undefined ? [] : ['-l', quoted(selector)]),
  ].join(' ');
}

/** If `with` is set, the plan predicts the state after these manifests are applied. */
type NextStepFlags = ClusterFlags &
  SelectionFlags &
  UnrolledFlags &
  OnlySeamlessFlag & { readonly with?: readonly string[] };

/** The command to run after a plan: the restart of the same workloads in the same cluster, if it would do anything. */
export function nextStep({ summary, workloads }: RestartPlan, flags: NextStepFlags): string {
  const restart = [
    'istio-module restart',
    ...(flags.kubeconfig === undefined ? [] : ['--kubeconfig', pathOf(flags.kubeconfig)]),
    ...(flags.context === undefined ? [] : ['--context', quoted(flags.context)]),
    selectionText(flags),
    ...(flags.inPlace ? ['--in-place'] : []),
    ...(flags.evict ? ['--evict'] : []),
  ]
    .filter((part) => part !== '')
    .join(' ');
  const command = flags.onlySeamless ? `${restart} --only-seamless` : restart;
  if (summary.restart + summary.update + summary.wait > 0) {
    return flags.with ? `Next: apply the manifests, then ${command}` : `Next: ${command}`;
  }
  const [first] = workloads.flatMap(({ deferredUntil }) => deferredUntil ?? []).sort();
  if (first !== undefined) {
    return `Next, from ${first} on: ${command}`;
  }
  return workloads.some(({ reason }) => reason === 'Interrupts')
    ? `Next, when traffic may be interrupted: ${restart}`
    : 'Next: only manual steps are left; istio-module restart has nothing to do.';
}

/** Hides the contents of a kubeconfig in the flag, since they contain credentials. */
function pathOf(kubeconfig: string): string {
  return /[\n{]/.test(kubeconfig) ? 'KUBECONFIG' : quoted(kubeconfig);
}

function quoted(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
