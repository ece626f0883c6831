import type { ApiObject } from 'cdk8s';

const POD_MAKERS = new Set([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'ReplicationController',
  'Job',
  'CronJob',
  'Pod',
  'Rollout',
]);

/** Whether an object is a pod, or one that creates pods. */
export function makesPods({ kind }: ApiObject): boolean {
  return POD_MAKERS.has(kind);
}
