/**
 * The side of a connection to which a setting applies.
 *
 * @see https://istio.io/latest/docs/reference/config/telemetry/#WorkloadMode
 */
export enum WorkloadMode {
  /** Outbound and inbound traffic of a workload. */
  CLIENT_AND_SERVER = 'CLIENT_AND_SERVER',

  /** Outbound traffic of a workload. This includes all traffic that a gateway forwards. */
  CLIENT = 'CLIENT',

  /** Inbound traffic of a workload. */
  SERVER = 'SERVER',
}
