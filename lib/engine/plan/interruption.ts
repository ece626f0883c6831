import type { InterruptionCode } from '../kinds/interruption-code';

/** Whether clients of a workload have to expect failed requests from what is planned for it. */
export interface Interruption {
  readonly expected: boolean;
  /** Why; empty where none is expected. */
  readonly reasons: readonly InterruptionReason[];
}

/** One reason to expect an interruption. */
export interface InterruptionReason {
  readonly code: InterruptionCode;
  /** A clause for a person, without a full stop; one for each code. */
  readonly message: string;
}

const MESSAGES: Readonly<Record<InterruptionCode, string>> = {
  Recreate: 'the strategy Recreate stops all pods before the first new one starts',
  SingleReplica: 'the only pod stops before the new one starts',
  AllUnavailable: 'maxUnavailable lets all pods stop at once',
  OnePerNode:
    'the pod of a node stops before the new one starts there, so clients that reach it by their own node find none',
  HostPort: 'a new pod cannot take a hostPort before the old pod on its node has stopped',
  NoReadinessProbe: 'without a readiness probe, new pods get requests before their containers can answer',
  NoPreStop: 'without a preStop hook, pods that stop refuse requests that clients still send them',
  SidecarReplaced: 'the sidecar restarts with its new image, and connections through it are cut',
};

/** The interruption for these reasons; none without any. */
export function interruption(codes: readonly InterruptionCode[]): Interruption {
  return { expected: codes.length > 0, reasons: codes.map((code) => ({ code, message: MESSAGES[code] })) };
}
