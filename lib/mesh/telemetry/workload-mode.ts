/**
 * Which side of a connection a setting is for.
 *
 * @see https://istio.io/latest/docs/reference/config/telemetry/#WorkloadMode
 */
export enum WorkloadMode {
  /** What a workload sends, and what it receives. */
  CLIENT_AND_SERVER = 'CLIENT_AND_SERVER',

  /** What a workload sends, gateways included. */
  CLIENT = 'CLIENT',

  /** What a workload receives. */
  SERVER = 'SERVER',
}
