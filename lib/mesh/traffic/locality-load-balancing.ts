import { definedFields } from '../fields';
import { wholeNumberProblem } from '../number-range';

/** Failover to another region when the pods of a region are ejected. */
export interface RegionFailover {
  /** Region of the client. */
  readonly from: string;

  /** Region to fail over to. */
  readonly to: string;
}

/** Distribution of the requests from one locality. */
export interface LocalityDistribution {
  /** Locality of the client: `region/zone/subzone`, or a part of it with `*` at the end, such as `eu-west/*`. */
  readonly from: string;

  /** Shares in percent by destination locality, in the same format. They must add up to 100. */
  readonly to: Readonly<Record<string, number>>;
}

/** Options of {@link LocalityLoadBalancing.zoneAware}; set at most one of `failover` and `failoverPriority`. */
export interface ZoneAwareOptions {
  /**
   * Failover to another region when the pods of a region are ejected.
   *
   * @default - to the nearest remaining pods
   */
  readonly failover?: readonly RegionFailover[];

  /**
   * Labels, as in {@link LocalityLoadBalancing.failoverPriority}.
   *
   * @default - none
   */
  readonly failoverPriority?: readonly string[];

  /**
   * Minimum number of pods that the host must have for zones to be used.
   *
   * @default - Envoy's: 6
   */
  readonly minClusterSize?: number;
}

/**
 * How regions and zones influence load balancing.
 *
 * @see https://istio.io/latest/docs/tasks/traffic-management/locality-load-balancing/
 */
export class LocalityLoadBalancing {
  /** Ignores localities. */
  static readonly DISABLED = new LocalityLoadBalancing({ enabled: false }, false, () => []);

  /**
   * Requests stay near their client. If the pods there are ejected, requests go to the nearest remaining pods. If all
   * pods of the region are ejected, requests go to the region that `failover` names for it.
   */
  static failover(...failover: readonly RegionFailover[]): LocalityLoadBalancing {
    return new LocalityLoadBalancing({ enabled: true, ...(failover.length > 0 ? { failover } : {}) }, true, (at) =>
      failoverProblems(at, failover),
    );
  }

  /**
   * Requests go to the pods that share the most of these labels with the client, counted from the first label. If these
   * pods are ejected, requests go to the pods that share the next most. A label is a key, such as
   * `topology.kubernetes.io/zone`, or `key=value`.
   */
  static failoverPriority(...labels: readonly string[]): LocalityLoadBalancing {
    return new LocalityLoadBalancing({ enabled: true, failoverPriority: labels }, true, (at) =>
      labels.length > 0 && !labels.includes('')
        ? []
        : [`${at} has a failover priority without labels: name one, such as topology.kubernetes.io/zone`],
    );
  }

  /** Distributes requests in fixed shares. */
  static distribute(...distribute: readonly LocalityDistribution[]): LocalityLoadBalancing {
    return new LocalityLoadBalancing({ enabled: true, distribute }, false, (at) =>
      distributionProblems(at, distribute),
    );
  }

  /**
   * Requests stay in the client's zone as far as the pods there have capacity, which is derived from the shares of
   * clients and pods in each zone. The remaining requests go to other zones. Needs Istio 1.31; older versions drop this
   * setting.
   */
  static zoneAware({ failover, failoverPriority, minClusterSize }: ZoneAwareOptions = {}): LocalityLoadBalancing {
    const fields = definedFields({ enabled: true, failover, failoverPriority, minClusterSize });
    return new LocalityLoadBalancing(
      fields,
      (failover ?? failoverPriority) !== undefined,
      (at) => [
        ...failoverProblems(at, failover ?? []),
        ...wholeNumberProblem(`${at} minClusterSize`, minClusterSize, 0),
      ],
      'zoneAwareLbSetting',
    );
  }

  private constructor(
    private readonly fields: Readonly<Record<string, unknown>>,
    /** Whether the setting depends on the ejection of pods. */
    readonly failsOver: boolean,
    private readonly check: (at: string) => string[],
    private readonly setting: 'localityLbSetting' | 'zoneAwareLbSetting' = 'localityLbSetting',
  ) {}

  /** The setting as a field of a DestinationRule's `trafficPolicy.loadBalancer`. */
  render(): Readonly<Record<string, unknown>> {
    return { [this.setting]: this.fields };
  }

  /** The problems with the setting, one sentence each. */
  problems(at: string): string[] {
    return this.check(at);
  }
}

function failoverProblems(at: string, failover: readonly RegionFailover[]): string[] {
  return failover.flatMap(({ from, to }) => [
    ...[from, to]
      .filter((region) => !/^[^/*]+$/.test(region))
      .map(
        (region) =>
          `${at} has failover region '${region}', which is not a region: write the name of a region, without zone or *`,
      ),
    ...(from === to ? [`${at} has a failover from '${from}' to itself: name another region`] : []),
  ]);
}

function distributionProblems(at: string, distribute: readonly LocalityDistribution[]): string[] {
  const none = [
    `${at} has an empty distribution: name a locality, such as { from: 'eu-west/*', to: { 'eu-west/*': 100 } }`,
  ];
  if (distribute.length === 0) return none;
  return [
    ...localityProblems(
      at,
      distribute.map(({ from }) => from),
    ),
    ...distribute.flatMap(({ from, to }) => {
      const problems = localityProblems(`${at} from '${from}'`, Object.keys(to));
      const shares = Object.entries(to);
      for (const [locality, share] of shares) {
        if (!(Number.isInteger(share) && share >= 1 && share <= 100)) {
          problems.push(
            `${at} from '${from}' has share ${String(share)} for '${locality}': write a whole number from 1 to 100`,
          );
        }
      }
      const sum = shares.reduce((total, [, share]) => total + share, 0);
      if (problems.length === 0 && sum !== 100) {
        problems.push(
          `${at} from '${from}' has shares ${shares.map(([, share]) => share).join(' + ')} = ${String(sum)}: change them to add up to 100`,
        );
      }
      return problems;
    }),
  ];
}

function localityProblems(at: string, localities: readonly string[]): string[] {
  const problems = localities
    .filter((locality) => !/^(\*|[^/*]+(\/[^/*]+){0,2}|[^/*]+(\/[^/*]+)?\/\*)$/.test(locality))
    .map(
      (locality) =>
        `${at} names '${locality}', which is not a locality: write region/zone/subzone, or a part of it with * at the end`,
    );
  const parts = localities.map((locality) =>
    locality
      .replace(/\/?\*$/, '')
      .split('/')
      .filter(Boolean),
  );
  const within = (one: readonly string[], other: readonly string[]) => other.every((part, at) => one[at] === part);
  localities.forEach((locality, index) => {
    const twin = parts.findIndex(
      (other, at) => at < index && (within(parts[index] ?? [], other) || within(other, parts[index] ?? [])),
    );
    if (twin >= 0) {
      problems.push(`${at} names '${locality}' and '${localities[twin] ?? ''}', which overlap: leave out one of them`);
    }
  });
  return problems;
}
