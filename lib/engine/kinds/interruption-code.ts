/** Why a restart temporarily interrupts the traffic of a workload. */
export type InterruptionCode =
  /** All pods stop before the first new one starts, because of the owner's strategy. */
  | 'Recreate'
  /** The only pod stops before the new one starts. */
  | 'SingleReplica'
  /** The owner may stop all pods at the same time. */
  | 'AllUnavailable'
  /** The pod on a node stops before the new one starts there. */
  | 'OnePerNode'
  /** A new pod cannot use a port of the node until the old pod has stopped. */
  | 'HostPort'
  /** New pods receive requests before they can answer. */
  | 'NoReadinessProbe'
  /** Old pods stop answering while they still receive requests. */
  | 'NoPreStop'
  /** The sidecar of a running pod restarts with a new image. */
  | 'SidecarReplaced';
