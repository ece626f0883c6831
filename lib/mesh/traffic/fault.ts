import type { Duration } from 'cdk8s';
import type { GrpcStatus } from './grpc-status';
import { durationProblem, istioDuration } from '../istio-duration';
import { percentProblem, wholeNumberProblem } from '../number-range';

/** Options of a {@link Fault}. */
export interface FaultOptions {
  /**
   * Share of the requests that get the fault, in percent, from 0 to 100; fractions down to 0.0001 are possible.
   *
   * @default 100
   */
  readonly percent?: number;
}

interface Delay {
  readonly duration: Duration;
  readonly percent: number;
}

interface Abort {
  readonly status: { readonly httpStatus: number } | { readonly grpcStatus: GrpcStatus };
  readonly percent: number;
}

/**
 * An injected fault. The client's proxy injects it, so aborted requests never reach the host. A route's own timeout and
 * retries do not apply to the faults that it injects.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPFaultInjection
 */
export class Fault {
  /** Delays requests before they are forwarded. */
  static delay(duration: Duration, options: FaultOptions = {}): Fault {
    return new Fault([{ duration, percent: options.percent ?? 100 }], []);
  }

  /** Answers requests with an HTTP status, from 200 to 599. */
  static abort(httpStatus: number, options: FaultOptions = {}): Fault {
    return new Fault([], [{ status: { httpStatus }, percent: options.percent ?? 100 }]);
  }

  /** Answers requests with a gRPC status. */
  static abortGrpc(grpcStatus: GrpcStatus, options: FaultOptions = {}): Fault {
    return new Fault([], [{ status: { grpcStatus }, percent: options.percent ?? 100 }]);
  }

  private constructor(
    private readonly delays: readonly Delay[],
    private readonly aborts: readonly Abort[],
  ) {}

  /** Combines this fault with another: a delay and an abort, each for its own share of the requests. */
  and(other: Fault): Fault {
    return new Fault([...this.delays, ...other.delays], [...this.aborts, ...other.aborts]);
  }

  /** The fault as a VirtualService's `http[].fault`. */
  render(): Readonly<Record<string, unknown>> {
    const [delay] = this.delays;
    const [abort] = this.aborts;
    return {
      ...(delay ? { delay: { fixedDelay: istioDuration(delay.duration), percentage: { value: delay.percent } } } : {}),
      ...(abort ? { abort: { ...abort.status, percentage: { value: abort.percent } } } : {}),
    };
  }

  /** The problems with the fault, one sentence each. */
  problems(at: string): string[] {
    const several = (count: number, what: string) =>
      count > 1 ? [`${at} has ${String(count)} ${what}, but a route can have only one: leave out the others`] : [];
    return [
      ...several(this.delays.length, 'delays'),
      ...several(this.aborts.length, 'aborts'),
      ...this.delays.flatMap(({ duration, percent }) => [
        ...durationProblem(`${at}.delay`, duration),
        ...percentProblem(`${at}.delay percent`, percent),
      ]),
      ...this.aborts.flatMap(({ status, percent }) => [
        ...('httpStatus' in status ? wholeNumberProblem(`${at}.abort status`, status.httpStatus, 200, 599) : []),
        ...percentProblem(`${at}.abort percent`, percent),
      ]),
    ];
  }
}
