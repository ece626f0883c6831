import { definedFields, fieldOf } from '../fields';
import { renderResources, resourceProblems, type ContainerResources } from './container-resources';
import { istiodReplicas, replicasProblems, type Replicas } from './replicas';

/** A number of pods, 0 or more, or a share of them such as `'25%'`. */
export type PodCount = number | `${number}%`;

/**
 * How pods are replaced by new ones.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment
 */
export interface RollingUpdate {
  /**
   * How many pods there may be beyond the wanted number.
   *
   * @default '100%'
   */
  readonly maxSurge?: PodCount;

  /**
   * How many pods of the wanted number may be missing.
   *
   * @default '25%'
   */
  readonly maxUnavailable?: PodCount;
}

/** The control plane's own settings. */
export interface IstiodOptions {
  /**
   * Resources of istiod.
   *
   * @default - the chart's: requests of 500m and 2048Mi, no limits
   */
  readonly resources?: ContainerResources;

  /**
   * How many istiods there are: a fixed number, or a range that follows the load.
   *
   * @default - the chart's: 1 to 5, at 80 % of the requested processor time
   */
  readonly replicas?: Replicas;

  /**
   * How they are replaced when something about them changes.
   *
   * @default - the chart's: all new ones at once, while a quarter of the old ones may be missing
   */
  readonly rollingUpdate?: RollingUpdate;

  /**
   * Length in bits of the RSA key that istiod signs certificates with, where it makes its own certificate authority. It
   * counts when that is made: one that exists keeps its key until it is replaced.
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
      : [`istiod.caKeySize ${String(caKeySize)} is no length of a key: write 2048, 3072 or 4096`]),
  ];
}

/** The control plane's settings, as values of the chart istiod. */
export function istiodValues({ resources = {}, replicas, rollingUpdate = {}, caKeySize }: IstiodOptions) {
  const { maxSurge, maxUnavailable } = rollingUpdate;
  return {
    ...fieldOf('resources', { ...renderResources(resources) }),
    ...istiodReplicas(replicas),
    ...definedFields({ rollingMaxSurge: maxSurge, rollingMaxUnavailable: maxUnavailable }),
    // The injector's values hold the environment too, and istiod refuses all of them over a number.
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
        `${prop}.${name} '${String(count)}' is no number of pods: write a whole number of at least 0, or a share such as '25%'`,
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
