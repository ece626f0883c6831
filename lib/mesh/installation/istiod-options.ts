import { definedFields, fieldOf } from '../fields';
import { renderResources, resourceProblems, type ContainerResources } from './container-resources';
import { istiodReplicas, replicasProblems, type Replicas } from './replicas';

/** A number of pods, 0 or more, or a share of them such as `'25%'`. */
export type PodCount = number | `${number}%`;

/**
 * Limits for the replacement of pods.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment
 */
export interface RollingUpdate {
  /**
   * Maximum number of pods above the desired number.
   *
   * @default '100%'
   */
  readonly maxSurge?: PodCount;

  /**
   * Maximum number of unavailable pods.
   *
   * @default '25%'
   */
  readonly maxUnavailable?: PodCount;
}

/** Settings of the control plane. */
export interface IstiodOptions {
  /**
   * Resources of istiod.
   *
   * @default - the chart's: requests of 500m and 2048Mi, no limits
   */
  readonly resources?: ContainerResources;

  /**
   * Number of istiod pods: a fixed number, or a range for autoscaling.
   *
   * @default - the chart's: 1 to 5, at 80% of the requested CPU
   */
  readonly replicas?: Replicas;

  /**
   * How the pods are replaced when their template changes.
   *
   * @default - the chart's: up to 100% surge and 25% unavailable
   */
  readonly rollingUpdate?: RollingUpdate;

  /**
   * Length in bits of the RSA key with which istiod signs certificates, if it creates its own certificate authority. An
   * existing certificate authority keeps its key until it is replaced.
   *
   * @default 2048
   * @see https://istio.io/latest/docs/ops/configuration/traffic-management/manage-mesh-certificates/
   */
  readonly caKeySize?: 2048 | 3072 | 4096;
}

const CHART_RESOURCES = { requests: { cpu: '500m', memory: '2048Mi' } };
const CHART_ROLLING_UPDATE: Required<RollingUpdate> = { maxSurge: '100%', maxUnavailable: '25%' };
const CA_KEY_SIZES: readonly number[] = [2048, 3072, 4096];

/** The problems with the control plane's settings, one sentence each. */
export function istiodProblems({ resources = {}, replicas, rollingUpdate, caKeySize }: IstiodOptions): string[] {
  return [
    ...resourceProblems('istiod.resources', resources, CHART_RESOURCES),
    ...replicasProblems('istiod.replicas', replicas),
    ...rollingUpdateProblems('istiod.rollingUpdate', rollingUpdate ?? {}),
    ...(caKeySize === undefined || CA_KEY_SIZES.includes(caKeySize)
      ? []
      : [`istiod.caKeySize ${String(caKeySize)} is not a supported key length: write 2048, 3072 or 4096`]),
  ];
}

/** The control plane's settings as values of the istiod chart. */
export function istiodValues({ resources = {}, replicas, rollingUpdate = {}, caKeySize }: IstiodOptions) {
  const { maxSurge, maxUnavailable } = rollingUpdate;
  return {
    ...fieldOf('resources', { ...renderResources(resources) }),
    ...istiodReplicas(replicas),
    ...definedFields({ rollingMaxSurge: maxSurge, rollingMaxUnavailable: maxUnavailable }),
    // The injector's values also contain the environment, and istiod rejects them if it contains a number.
    ...(caKeySize === undefined ? {} : { env: { CITADEL_SELF_SIGNED_CA_RSA_KEY_SIZE: String(caKeySize) } }),
  };
}

function rollingUpdateProblems(prop: string, given: RollingUpdate): string[] {
  const found: string[] = [];
  for (const [name, count] of Object.entries(given) as [keyof RollingUpdate, PodCount | undefined][]) {
    if (count === undefined) continue;
    const [, digits = ''] = /^(\d+)%$/.exec(String(count)) ?? [];
    const valid = typeof count === 'number' ? Number.isInteger(count) && count >= 0 : digits !== '';
    if (!valid) {
      found.push(
        `${prop}.${name} '${String(count)}' is not a number of pods: write a whole number of at least 0, or a share such as '25%'`,
      );
    } else if (name === 'maxUnavailable' && Number(digits) > 100) {
      found.push(`${prop}.maxUnavailable '${String(count)}' is more than all pods: write at most '100%'`);
    }
  }
  const { maxSurge, maxUnavailable } = { ...CHART_ROLLING_UPDATE, ...definedFields({ ...given }) };
  if (found.length === 0 && isZero(maxSurge) && isZero(maxUnavailable)) {
    found.push(
      `${prop}.maxSurge and ${prop}.maxUnavailable are both 0, so no pod could be replaced: raise one of them`,
    );
  }
  return found;
}

function isZero(count: unknown): boolean {
  return Number.parseInt(String(count), 10) === 0;
}
