import type { Size } from 'cdk8s';

/** An amount of CPU, such as `Cpu` of cdk8s-plus-27 or later. */
export interface CpuAmount {
  /** A Kubernetes quantity of cores, such as `500m`. */
  readonly amount: string;
}

/**
 * Amounts of the compute resources of a container.
 *
 * @see https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
 */
export interface ResourceQuantities {
  /**
   * CPU: a Kubernetes quantity of cores (`'500m'`, `'2'`), or a `Cpu` of cdk8s-plus.
   *
   * @default - the chart's
   */
  readonly cpu?: string | CpuAmount;

  /**
   * Memory: a Kubernetes quantity of bytes (`'512Mi'`), or a cdk8s `Size`.
   *
   * @default - the chart's
   */
  readonly memory?: string | Size;
}

/** The requests and limits of a container. */
export interface ContainerResources {
  /**
   * Amounts that the scheduler reserves.
   *
   * @default - the chart's
   */
  readonly requests?: ResourceQuantities;

  /**
   * Amounts that the container must not exceed.
   *
   * @default - the chart's
   */
  readonly limits?: ResourceQuantities;
}

type Quantities = Partial<Record<'cpu' | 'memory', string>>;

/** Resources in the format of Kubernetes, in which every quantity is a string. */
export interface RenderedResources {
  readonly requests?: Quantities;
  readonly limits?: Quantities;
}

/** The default resources of the charts for the proxies of sidecars and gateways. */
export const CHART_PROXY_RESOURCES: RenderedResources = {
  requests: { cpu: '100m', memory: '128Mi' },
  limits: { cpu: '2000m', memory: '1024Mi' },
};

const QUANTITY = /^(\d+(?:\.\d*)?|\.\d+)(n|u|m|k|Ki|M|Mi|G|Gi|T|Ti|P|Pi|E|Ei|[eE][+-]?\d{1,2})?$/;
// Kubernetes caps larger quantities in some units, but not in others.
const MAX_QUANTITY = '9223372036854775807';
const POWERS_OF_TEN: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const POWERS_OF_TWO: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };

/** Renders resources with all quantities as strings. */
export function renderResources(resources: ContainerResources): RenderedResources {
  return { ...rendered('requests', resources), ...rendered('limits', resources) };
}

/**
 * The problems with resources: invalid quantities, and requests above limits. If a container, such as the sidecar, has
 * a request above its limit, the API server rejects the pod.
 *
 * @param prop name of the prop, for messages
 * @param resources the given resources
 * @param defaults default quantities of the chart
 */
export function resourceProblems(prop: string, resources: ContainerResources, defaults: RenderedResources): string[] {
  const { requests = {}, limits = {} } = renderResources(resources);
  const problems: string[] = [];
  for (const [group, quantities] of Object.entries({ requests, limits })) {
    for (const [name, quantity] of Object.entries(quantities)) {
      if (!QUANTITY.test(quantity)) {
        problems.push(
          `${prop}.${group}.${name} '${quantity}' is not a quantity: write a number with an optional unit, such as ${name === 'cpu' ? "'500m' or '2'" : "'512Mi' or '1Gi'"}`,
        );
      } else if (isAbove(quantity, MAX_QUANTITY)) {
        problems.push(`${prop}.${group}.${name} '${quantity}' is too large: write at most '${MAX_QUANTITY}'`);
      }
    }
  }
  if (problems.length > 0) return problems;
  for (const name of ['cpu', 'memory'] as const) {
    const request = requests[name] ?? defaults.requests?.[name];
    const limit = limits[name] ?? defaults.limits?.[name];
    if (request === undefined || limit === undefined || !isAbove(request, limit)) continue;
    const source = (given: boolean) => (given ? '' : " (the chart's default)");
    problems.push(
      `${prop}.requests.${name} '${request}'${source(name in requests)} is above ${prop}.limits.${name} '${limit}'${source(name in limits)}: ` +
        `set both, with the request not above the limit`,
    );
  }
  return problems;
}

function rendered(group: 'requests' | 'limits', resources: ContainerResources): RenderedResources {
  const { cpu, memory } = resources[group] ?? {};
  const quantities: Quantities = {
    ...(cpu === undefined ? {} : { cpu: typeof cpu === 'object' ? cpu.amount : String(cpu) }),
    ...(memory === undefined ? {} : { memory: typeof memory === 'object' ? memory.asString() : String(memory) }),
  };
  return Object.keys(quantities).length > 0 ? { [group]: quantities } : {};
}

/**
 * Whether a quantity is above another one. The comparison is exact, because the API server rejects a request that is
 * one byte above the limit.
 */
function isAbove(quantity: string, other: string): boolean {
  const [one, two] = [amount(quantity), amount(other)];
  const least = Math.min(one.powerOfTen, two.powerOfTen);
  const scaled = ({ digits, powerOfTen }: typeof one) => digits * 10n ** BigInt(powerOfTen - least);
  return scaled(one) > scaled(two);
}

function amount(quantity: string): { readonly digits: bigint; readonly powerOfTen: number } {
  const [, number = '', unit = ''] = QUANTITY.exec(quantity) ?? [];
  const [whole = '', fraction = ''] = number.split('.');
  const exponent = POWERS_OF_TEN[unit] ?? Number(/^[eE]([+-]?\d+)$/.exec(unit)?.[1] ?? 0);
  return {
    digits: BigInt(whole + fraction) * 2n ** BigInt(POWERS_OF_TWO[unit] ?? 0),
    powerOfTen: exponent - fraction.length,
  };
}
