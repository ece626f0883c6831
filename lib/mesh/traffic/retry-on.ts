/**
 * What makes a proxy try a request again.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-retry-on
 */
export enum RetryOn {
  /** Any response of 500 to 599, or none at all. */
  SERVER_ERROR = '5xx',
  /** A response of 502, 503 or 504. */
  GATEWAY_ERROR = 'gateway-error',
  /** No connection could be made. */
  CONNECT_FAILURE = 'connect-failure',
  /** The upstream refused the stream, and so has not processed the request. */
  REFUSED_STREAM = 'refused-stream',
  /** The upstream disconnected or reset without a response. */
  RESET = 'reset',
  /** A reset before the request was sent. */
  RESET_BEFORE_REQUEST = 'reset-before-request',
  /** A response of 409. */
  RETRIABLE_4XX = 'retriable-4xx',
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
