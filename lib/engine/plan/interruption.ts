import type { InterruptionCode } from '../kinds/interruption-code';

/** Whether clients of a workload can expect failed requests because of the plan. */
export interface Interruption {
  readonly expected: boolean;
  /** The reasons; empty if no interruption is expected. */
  readonly reasons: readonly InterruptionReason[];
}

/** One reason to expect an interruption. */
export interface InterruptionReason {
  readonly code: InterruptionCode;
  /** A clause for people, without a period, determined by the code. */
  readonly message: string;
}

const MESSAGES: Readonly<Record<InterruptionCode, string>> = {
  Recreate: 'the strategy Recreate stops all pods before the first new one starts',
  SingleReplica: 'the only pod stops before the new one starts',
  AllUnavailable: 'maxUnavailable lets all pods stop at once',
  OnePerNode:
    'the pod on a node stops before the new one starts there, so clients that use the pod on their own node find none',
  HostPort: 'a new pod cannot use its hostPort until the old pod on the node has stopped',
  NoReadinessProbe: 'without a readiness probe, new pods get requests before their containers can answer',
  NoPreStop: 'without a preStop hook, stopping pods refuse requests that clients still send to them',
  SidecarReplaced: 'the sidecar restarts with its new image, and connections through it are cut',
};

/** The interruption for these reasons. Without reasons, none is expected. */
export function interruption(codes: readonly InterruptionCode[]): Interruption {
  return { expected: codes.length > 0, reasons: codes.map((code) => ({ code, message: MESSAGES[code] })) };
}
