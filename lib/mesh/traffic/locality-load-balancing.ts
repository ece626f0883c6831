import { definedFields } from '../fields';
import { wholeNumberProblem } from '../number-range';

/** Where requests go when the pods of a region are ejected. */
export interface RegionFailover {
  /** Region of the client. */
  readonly from: string;

  /** Region to fail over to. */
  readonly to: string;
}

/** How the requests of one locality are spread over others. */
export interface LocalityDistribution {
  /** Locality of the client: `region/zone/subzone`, or a part of it with `*` at the end, such as `eu-west/*`. */
  readonly from: string;

  /** Shares in percent by locality, in the same form; together they make 100. */
  readonly to: Readonly<Record<string, number>>;
}

/** Options of {@link LocalityLoadBalancing.zoneAware}; of `failover` and `failoverPriority`, one at most. */
export interface ZoneAwareOptions {
  /**
   * Where requests go when the pods of a region are ejected.
   *
   * @default - to the nearest pods that are left
   */
  readonly failover?: readonly RegionFailover[];

  /**
   * Labels, as those of {@link LocalityLoadBalancing.failoverPriority}.
   *
   * @default - none
   */
  readonly failoverPriority?: readonly string[];

  /**
   * Pods of the host below which zones do not matter.
   *
   * @default - Envoy's: 6
   */
  readonly minClusterSize?: number;
}

/**
 * What regions and zones have to do with load balancing.
 *
 * @see https://istio.io/latest/docs/tasks/traffic-management/locality-load-balancing/
 */
export class LocalityLoadBalancing {
  /** Localities do not matter. */
  static readonly DISABLED = new LocalityLoadBalancing({ enabled: false }, false, () => []);

  /**
   * Requests stay near their client. When the pods there are ejected, they go to the nearest ones that are left; when
   * those of the region are, to the region named for it.
   */
  static failover(...failover: readonly RegionFailover[]): LocalityLoadBalancing {
    return new LocalityLoadBalancing({ enabled: true, ...(failover.length > 0 ? { failover } : {}) }, true, (at) =>
      failoverProblems(at, failover),
    );
  }

  /**
   * Requests go to the pods that share most of these labels with the client, counted from the first one on, and to the
   * next best when those are ejected. A label is a key, such as `topology.kubernetes.io/zone`, or `key=value`.
   */
  static failoverPriority(...labels: readonly string[]): LocalityLoadBalancing {
    return new LocalityLoadBalancing({ enabled: true, failoverPriority: labels }, true, (at) =>
      labels.length > 0 && !labels.includes('')
        ? []
        : [`${at} has a failover priority without a label: name one, such as topology.kubernetes.io/zone`],
    );
  }

  /** Requests are spread in fixed shares. */
  static distribute(...distribute: readonly LocalityDistribution[]): LocalityLoadBalancing {
    return new LocalityLoadBalancing({ enabled: true, distribute }, false, (at) =>
      distributionProblems(at, distribute),
    );
  }

  /**
   * Requests stay in the zone of their client as far as its pods can take them, by the shares of clients and pods in each
   * zone, and go to the other zones beyond that. Istio has it from 1.31 on; older versions drop it.
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
    /** Whether it matters which pods are ejected. */
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
      .map((region) => `${at} has failover region '${region}', which is no region: write its name, without zone or *`),
    ...(from === to ? [`${at} has a failover from '${from}' to itself: name another region`] : []),
  ]);
}

function distributionProblems(at: string, distribute: readonly LocalityDistribution[]): string[] {
  const none = [`${at} distributes nothing: name a locality, such as { from: 'eu-west/*', to: { 'eu-west/*': 100 } }`];
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
    .map((locality) => `${at} names '${locality}', which is no locality: write region/zone/subzone, or * at the end`);
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
      problems.push(`${at} names '${locality}' and '${localities[twin] ?? ''}', which overlap: name each place once`);
    }
  });
  return problems;
}
