import { definedFields } from '../fields';
import { wholeNumberProblem } from '../number-range';

/**
 * A number of replicas that follows the load, by a HorizontalPodAutoscaler.
 *
 * @see https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
 */
export interface Autoscaling {
  /**
   * The fewest replicas, 1 or more; from 2 on, istiod has a PodDisruptionBudget.
   *
   * @default 1
   */
  readonly min?: number;

  /**
   * The most replicas, not below `min`.
   *
   * @default 5
   */
  readonly max?: number;

  /**
   * Average processor time of all replicas to aim at, in percent of what they request.
   *
   * @default 80
   */
  readonly targetCpuPercent?: number;
}

/** How many replicas there are: a fixed number, 1 or more, or one that follows the load. */
export type Replicas = number | Autoscaling;

/** What Istio's charts scale by, where nothing else is said. */
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
    `${prop}.min ${String(min)}${source(replicas.min)} is above ${prop}.max ${String(max)}${source(replicas.max)}: set both, the smallest number not above the largest`,
  ];
}

/** The replicas, as values of the chart istiod; a fixed number and the chart's autoscaler would overwrite each other. */
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

/** The replicas, as values of the chart gateway. */
export function gatewayReplicas(replicas: Replicas | undefined): Record<string, unknown> {
  if (replicas === undefined) return {};
  if (typeof replicas === 'number') return { autoscaling: { enabled: false }, replicaCount: replicas };
  const { min: minReplicas, max: maxReplicas, targetCpuPercent: targetCPUUtilizationPercentage } = replicas;
  return {
    autoscaling: { enabled: true, ...definedFields({ minReplicas, maxReplicas, targetCPUUtilizationPercentage }) },
  };
}
