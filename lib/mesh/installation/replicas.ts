import { definedFields } from '../fields';
import { wholeNumberProblem } from '../number-range';

/**
 * Autoscaling of replicas with a HorizontalPodAutoscaler.
 *
 * @see https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
 */
export interface Autoscaling {
  /**
   * Minimum number of replicas, 1 or more. With 2 or more, istiod has a PodDisruptionBudget.
   *
   * @default 1
   */
  readonly min?: number;

  /**
   * Maximum number of replicas, not below `min`.
   *
   * @default 5
   */
  readonly max?: number;

  /**
   * Target CPU utilization, as the average over all replicas in percent of their requests.
   *
   * @default 80
   */
  readonly targetCpuPercent?: number;
}

/** Number of replicas: a fixed number, 1 or more, or a range for autoscaling. */
export type Replicas = number | Autoscaling;

/** The default range of Istio's charts. */
const CHART_RANGE = { min: 1, max: 5 };

/** The problems with a number of replicas, one sentence each. */
export function replicasProblems(prop: string, replicas: Replicas | undefined): string[] {
  if (replicas === undefined) return [];
  if (typeof replicas === 'number') return wholeNumberProblem(prop, replicas, 1);
  const found = [
    ...wholeNumberProblem(`${prop}.min`, replicas.min, 1),
    ...wholeNumberProblem(`${prop}.max`, replicas.max, 1),
    ...wholeNumberProblem(`${prop}.targetCpuPercent`, replicas.targetCpuPercent, 1),
  ];
  const { min = CHART_RANGE.min, max = CHART_RANGE.max } = replicas;
  if (found.length > 0 || min <= max) return found;
  const source = (given: unknown) => (given === undefined ? " (the chart's default)" : '');
  return [
    `${prop}.min ${String(min)}${source(replicas.min)} is above ${prop}.max ${String(max)}${source(replicas.max)}: set both, with min not above max`,
  ];
}

/**
 * The replicas as values of the istiod chart. A fixed number disables the chart's autoscaler, because they would
 * overwrite each other.
 */
export function istiodReplicas(replicas: Replicas | undefined): Record<string, unknown> {
  if (replicas === undefined) return {};
  if (typeof replicas === 'number') return { autoscaleEnabled: false, replicaCount: replicas };
  const { min, max, targetCpuPercent } = replicas;
  return {
    autoscaleEnabled: true,
    ...definedFields({ autoscaleMin: min, autoscaleMax: max }),
    ...(targetCpuPercent === undefined ? {} : { cpu: { targetAverageUtilization: targetCpuPercent } }),
  };
}

/** The replicas as values of the gateway chart. */
export function gatewayReplicas(replicas: Replicas | undefined): Record<string, unknown> {
  if (replicas === undefined) return {};
  if (typeof replicas === 'number') return { autoscaling: { enabled: false }, replicaCount: replicas };
  const { min: minReplicas, max: maxReplicas, targetCpuPercent: targetCPUUtilizationPercentage } = replicas;
  return {
    autoscaling: { enabled: true, ...definedFields({ minReplicas, maxReplicas, targetCPUUtilizationPercentage }) },
  };
}
