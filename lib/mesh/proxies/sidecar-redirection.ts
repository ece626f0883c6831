import { ipBlockProblem } from '../security/ip-block';

/**
 * The connections of a pod that are redirected to its sidecar. The mesh does not encrypt, authorize, route or measure
 * other connections.
 *
 * @see https://istio.io/latest/docs/reference/config/annotations/
 */
export interface SidecarRedirection {
  /**
   * Ports of the pod whose inbound connections are redirected to the sidecar; an empty list for none.
   *
   * @default - the setting of the mesh: `'*'`, all of them
   */
  readonly includeInboundPorts?: '*' | readonly number[];

  /**
   * Ports of the pod whose inbound connections are not redirected. Only with `includeInboundPorts: '*'`.
   *
   * @default - the setting of the mesh: none
   */
  readonly excludeInboundPorts?: readonly number[];

  /**
   * Ports to which outbound connections are redirected to the sidecar, regardless of the address.
   *
   * @default - the setting of the mesh: none
   */
  readonly includeOutboundPorts?: readonly number[];

  /**
   * Ports to which outbound connections are not redirected.
   *
   * @default - the setting of the mesh: none
   */
  readonly excludeOutboundPorts?: readonly number[];

  /**
   * CIDR blocks to which outbound connections are redirected to the sidecar; an empty list for none.
   *
   * @default - the setting of the mesh: `'*'`, all of them
   */
  readonly includeOutboundIPRanges?: '*' | readonly string[];

  /**
   * CIDR blocks to which outbound connections are not redirected. Only with `includeOutboundIPRanges: '*'`.
   *
   * @default - the setting of the mesh: none
   */
  readonly excludeOutboundIPRanges?: readonly string[];
}

type Annotations = Record<string, string>;

const FIELDS = [
  'includeInboundPorts',
  'excludeInboundPorts',
  'includeOutboundPorts',
  'excludeOutboundPorts',
  'includeOutboundIPRanges',
  'excludeOutboundIPRanges',
] as const;

/** The redirection as annotations of a pod. */
export function renderRedirection(redirection: SidecarRedirection): Annotations {
  return Object.fromEntries(
    FIELDS.flatMap((field) => {
      const value = redirection[field];
      return value === undefined
        ? []
        : [[`traffic.sidecar.istio.io/${field}`, typeof value === 'string' ? value : value.join(',')]];
    }),
  );
}

/** The problems with the redirection, one sentence each. */
export function redirectionProblems(redirection: SidecarRedirection): string[] {
  const {
    includeInboundPorts,
    excludeInboundPorts,
    includeOutboundPorts = [],
    excludeOutboundPorts = [],
  } = redirection;
  const { includeOutboundIPRanges, excludeOutboundIPRanges } = redirection;
  const found = FIELDS.flatMap((field) => {
    const value = redirection[field];
    return typeof value === 'object' ? value.flatMap((one) => problem(field, one)) : [];
  });
  for (const port of includeOutboundPorts.filter((one) => excludeOutboundPorts.includes(one))) {
    found.push(
      `port ${String(port)} is in includeOutboundPorts and in excludeOutboundPorts: leave it out of one of them`,
    );
  }
  for (const [include, exclude, names] of [
    [includeInboundPorts, excludeInboundPorts, ['includeInboundPorts', 'excludeInboundPorts']],
    [includeOutboundIPRanges, excludeOutboundIPRanges, ['includeOutboundIPRanges', 'excludeOutboundIPRanges']],
  ] as const) {
    if (typeof include === 'object' && exclude) {
      found.push(`${names[1]} [${exclude.join(', ')}] has no effect with a list in ${names[0]}: leave out one of them`);
    }
  }
  return found;
}

function problem(field: string, value: number | string): string[] {
  if (typeof value === 'string') {
    return value.includes('/') && ipBlockProblem(field, value).length === 0
      ? []
      : [`${field} '${value}' is not a CIDR block: write one such as '10.0.0.0/8' or '203.0.113.4/32'`];
  }
  return Number.isInteger(value) && value >= 1 && value <= 65535
    ? []
    : [`${field} ${String(value)} is not a port: write a whole number from 1 to 65535`];
}
