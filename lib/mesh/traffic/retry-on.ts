/**
 * A condition on which a proxy retries a request.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-retry-on
 */
export enum RetryOn {
  /** A response with status 500 to 599, or no response. */
  SERVER_ERROR = '5xx',
  /** A response with status 502, 503 or 504. */
  GATEWAY_ERROR = 'gateway-error',
  /** The connection failed. */
  CONNECT_FAILURE = 'connect-failure',
  /** The upstream refused the stream, so it has not processed the request. */
  REFUSED_STREAM = 'refused-stream',
  /** The upstream disconnected or reset the connection without a response. */
  RESET = 'reset',
  /** The connection was reset before the request was sent. */
  RESET_BEFORE_REQUEST = 'reset-before-request',
  /** A response with status 409. */
  RETRIABLE_4XX = 'retriable-4xx',
  /** A response with one of the statuses that the request's header `x-envoy-retriable-status-codes` names. */
  RETRIABLE_STATUS_CODES = 'retriable-status-codes',
  /** A response with one of the headers that the request's header `x-envoy-retriable-header-names` names. */
  RETRIABLE_HEADERS = 'retriable-headers',
  /** A response from an Envoy rate limit. */
  ENVOY_RATE_LIMITED = 'envoy-ratelimited',
  /** An HTTP/3 connection failed after the handshake. */
  HTTP3_POST_CONNECT_FAILURE = 'http3-post-connect-failure',
  /** gRPC status cancelled. */
  GRPC_CANCELLED = 'cancelled',
  /** gRPC status deadline-exceeded. */
  GRPC_DEADLINE_EXCEEDED = 'deadline-exceeded',
  /** gRPC status internal. */
  GRPC_INTERNAL = 'internal',
  /** gRPC status resource-exhausted. */
  GRPC_RESOURCE_EXHAUSTED = 'resource-exhausted',
  /** gRPC status unavailable. */
  GRPC_UNAVAILABLE = 'unavailable',
}

/** A condition on which a proxy retries: a value of {@link RetryOn}, or the status of a response, such as 503. */
export type RetryCondition = RetryOn | number;

const CONDITIONS: readonly string[] = Object.values(RetryOn);
// The status codes that HTTP defines.
const STATUS = /^(10[0-3]|20[0-8]|226|30[0-578]|4(0\d|1[0-8]|2[1-689]|31|51)|5(0[0-8]|1[01]))$/;

/** The conditions as the `retryOn` of a VirtualService. */
export function renderRetryConditions(conditions: readonly RetryCondition[]): string | undefined {
  return conditions.length > 0 ? conditions.join(',') : undefined;
}

/** The problems with conditions, one sentence each. */
export function retryConditionProblems(at: string, conditions: readonly RetryCondition[]): string[] {
  return conditions
    .map(String)
    .flatMap((condition) =>
      CONDITIONS.includes(condition) || STATUS.test(condition)
        ? []
        : [`${at} '${condition}' is not a valid retry condition: write a value of RetryOn, or a status such as 503`],
    );
}
