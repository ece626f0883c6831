/** Why a restart leaves clients of a workload without an answer for a while. */
export type InterruptionCode =
  /** All pods stop before the first new one starts, as their owner's strategy says. */
  | 'Recreate'
  /** The only pod stops before the new one starts. */
  | 'SingleReplica'
  /** Its owner may stop all pods at once. */
  | 'AllUnavailable'
  /** The pod of a node stops before the new one starts there. */
  | 'OnePerNode'
  /** No other pod can take a port of the node before the old one has stopped. */
  | 'HostPort'
  /** New pods get requests before they can answer. */
  | 'NoReadinessProbe'
  /** Old pods stop answering while they still get requests. */
  | 'NoPreStop'
  /** The sidecar of a running pod restarts with its new image. */
  | 'SidecarReplaced';
