import * as pulumi from '@pulumi/pulumi';
import { cleanText } from '../engine/cluster/clean-text';
import type { RestartPlan, WorkloadPlan } from '../engine/plan/plan';
import type { Manifest } from './chart-objects';
import { clusterInputs, type ComponentCluster } from './cluster-args';
import type { RestartArgs } from './restart-args';

/** How long a preview waits for the prediction. */
const MILLISECONDS = 60_000;

/**
 * In a preview, logs one line with the number of workloads that the update will restart. An error becomes part of the
 * line and does not fail the preview, which does not depend on the prediction. Logs nothing while the cluster is
 * unknown.
 *
 * @param component the resource on which Pulumi shows the line
 */
export function logPrediction(
  component: pulumi.Resource,
  manifests: readonly Manifest[],
  cluster: ComponentCluster,
  { namespaces, inPlace, evict, onlySeamless }: RestartArgs = {},
): void {
  if (!pulumi.runtime.isDryRun()) {
    return;
  }
  const { kubeconfig, context, cluster: clusterName } = clusterInputs(cluster);
  pulumi.all([kubeconfig, context, clusterName]).apply(async ([kubeconfig, context, cluster]) => {
    const target = { kubeconfig, context, cluster, namespaces, inPlace, evict, onlySeamless };
    const line = await lineOf(target, manifests);
    await pulumi.log.info(cleanText(line), component);
  });
}

interface Target extends Pick<RestartArgs, 'namespaces' | 'inPlace' | 'evict' | 'onlySeamless'> {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly cluster?: string;
}

async function lineOf(target: Target, manifests: readonly Manifest[]): Promise<string> {
  try {
    const { predictRestarts } = await import('../engine/index.js');
    const plan = await predictRestarts(
      {
        ...target,
        signal: AbortSignal.timeout(MILLISECONDS),
        // A preview probes once. Only the update waits for the injector.
        injector: { deadlineSeconds: 0, settleSeconds: 0, probes: 1 },
      },
      manifests,
    );
    return predictionLine(plan);
  } catch (error) {
    return `Cannot predict which workloads this update restarts: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** The plan as one line: how many workloads restart in which namespaces, and how many do not restart. */
export function predictionLine(plan: RestartPlan): string {
  const restarted = plan.workloads.filter(({ decision }) => decision === 'restart');
  const count = restarted.length === 1 ? '1 workload restarts' : `${String(restarted.length)} workloads restart`;
  const cut = restarted.filter(({ interruption }) => interruption?.expected).length;
  const left = plan.workloads.filter(({ reason }) => reason === 'Interrupts').length;
  const counts: readonly (readonly [number, string])[] = [
    [plan.summary.update, 'updated in place'],
    [plan.summary.wait, 'already rolling out'],
    [plan.summary.deferred - left, 'waiting for a maintenance window'],
    [left, 'deferred, since a restart interrupts traffic'],
    [plan.summary.warn, 'to do by hand'],
    [plan.summary.undetermined, 'undetermined'],
  ];
  const rest = counts.flatMap(([number, meaning]) => (number === 0 ? [] : [`${String(number)} ${meaning}`]));
  const what =
    restarted.length === 0
      ? 'no workload restarts'
      : `${plan.bound ? 'at most ' : ''}${count} (${placesOf(restarted)})${cut === 0 ? '' : `, ${String(cut)} of them not seamless`}`;
  return [`Once this is applied, ${what}`, ...rest].join('; ') + (plan.bound ? `. ${plan.bound.message}` : '.');
}

function placesOf(workloads: readonly WorkloadPlan[]): string {
  const counts = new Map<string, number>();
  for (const { namespace } of workloads) {
    counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
  }
  return [...counts].map(([namespace, count]) => `${String(count)} in ${namespace}`).join(', ');
}
