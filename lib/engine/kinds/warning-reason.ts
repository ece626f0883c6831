/** Why a workload that is out of date is left to its user. */
export type WarningReason =
  | 'JobOwned'
  | 'BareReplicaSet'
  | 'ReplicationController'
  | 'BarePod'
  | 'StaticPod'
  | 'OnDelete'
  | 'Partitioned'
  | 'Paused'
  | 'NeedsInjector'
  | 'Updating'
  | 'UnknownController';
