import { definedFields } from '../fields';
import { wholeNumberProblem } from '../number-range';
import type { WorkloadMode } from '../telemetry/workload-mode';

/** The place of an extension among the filters of a proxy: before authentication, authorization or statistics. */
export type ExtensionPhase = 'AUTHN' | 'AUTHZ' | 'STATS';

/** Traffic to which an extension applies. */
export interface ExtensionTraffic {
  /**
   * The side of a connection on which the proxy is.
   *
   * @default - both
   */
  readonly mode?: WorkloadMode;

  /**
   * Ports of the traffic, 1 to 65535, without duplicates. Traffic to any of them matches.
   *
   * @default - any
   */
  readonly ports?: readonly number[];
}

/** The place of an extension in proxies, and the traffic to which it applies. */
export interface ExtensionPlace {
  /**
   * Place of the extension among the filters.
   *
   * @default - Istio's: at the end, before the router
   */
  readonly phase?: ExtensionPhase;

  /**
   * Order among extensions of the same phase: higher values come first.
   *
   * @default - Istio's: 0
   */
  readonly priority?: number;

  /**
   * Traffic to which the extension applies. Traffic that satisfies one of the entries matches.
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
    ...traffic.flatMap(({ ports = [] }, index) => portProblems(`traffic[${String(index)}].ports`, ports)),
  ];
}

function portProblems(at: string, ports: readonly number[]): string[] {
  const twice = ports.filter((port, index) => ports.indexOf(port) < index);
  return [
    ...ports.flatMap((port) => wholeNumberProblem(at, port, 1, 65535)),
    ...[...new Set(twice)].map((port) => `${at} has ${String(port)} twice: remove the duplicate`),
  ];
}
