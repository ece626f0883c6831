import { definedFields } from '../fields';
import { wholeNumberProblem } from '../number-range';
import type { WorkloadMode } from '../telemetry/workload-mode';

/** Where among the filters of a proxy an extension stands: before authentication, authorization or statistics. */
export type ExtensionPhase = 'AUTHN' | 'AUTHZ' | 'STATS';

/** Traffic that an extension looks at. */
export interface ExtensionTraffic {
  /**
   * Which side of a connection the proxy is on.
   *
   * @default - both
   */
  readonly mode?: WorkloadMode;

  /**
   * Ports of the traffic, 1 to 65535. Traffic to any of them matches.
   *
   * @default - any
   */
  readonly ports?: readonly number[];
}

/** Where an extension of proxies stands, and what it looks at. */
export interface ExtensionPlace {
  /**
   * Where among the filters it stands.
   *
   * @default - Istio's: at the end, before the router
   */
  readonly phase?: ExtensionPhase;

  /**
   * Its place among extensions of the same phase: higher ones come first.
   *
   * @default - Istio's: 0
   */
  readonly priority?: number;

  /**
   * The traffic that it looks at, one of these.
   *
   * @default - all
   */
  readonly traffic?: readonly ExtensionTraffic[];
}

/** The place as fields of a WasmPlugin or TrafficExtension. */
export function renderExtensionPlace({ phase, priority, traffic }: ExtensionPlace): Record<string, unknown> {
  return definedFields({
    phase,
    priority,
    match: traffic?.map(({ mode, ports }) => definedFields({ mode, ports: ports?.map((number) => ({ number })) })),
  });
}

/** The problems with a place, one sentence each. */
export function extensionPlaceProblems({ priority, traffic = [] }: ExtensionPlace): string[] {
  return [
    ...wholeNumberProblem('priority', priority, -(2 ** 31)),
    ...traffic.flatMap(({ ports = [] }, index) =>
      ports.flatMap((port) => wholeNumberProblem(`traffic[${String(index)}].ports`, port, 1, 65535)),
    ),
  ];
}
