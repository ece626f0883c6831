/** Why the user has to update an outdated workload. */
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
 * With these reasons, pods run until they end or somebody deletes them, and can be updated in place. Not included: pods
 * of a paused workload, which are replaced when it continues, and static pods, which cannot be updated through the API
 * server.
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
