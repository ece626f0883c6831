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
  | 'InTemplate'
  | 'Updating'
  | 'UnknownController';

/**
 * Why pods are left to their user that run on for as long as nobody deletes them, and that can be updated where they run: those
 * of a paused workload are replaced once it goes on, and the kubelet's own take no update from the API server.
 */
export const LEFT_RUNNING: ReadonlySet<string> = new Set<WarningReason>([
  'JobOwned',
  'BareReplicaSet',
  'ReplicationController',
  'BarePod',
  'OnDelete',
  'Partitioned',
  'UnknownController',
]);
