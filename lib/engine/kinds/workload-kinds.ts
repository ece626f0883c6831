import { argoRollout } from './argo-rollout';
import { cronJobRun } from './cron-job-run';
import { daemonSet } from './daemon-set';
import { deployment } from './deployment';
import { job } from './job';
import { pod } from './pod';
import { replicaSet } from './replica-set';
import { replicationController } from './replication-controller';
import { statefulSet } from './stateful-set';
import type { WorkloadKind } from './workload-kind';

/** The kinds of workloads that the engine knows. To add one, add a file and an entry here. */
export const WORKLOAD_KINDS: readonly WorkloadKind[] = [
  deployment,
  statefulSet,
  daemonSet,
  argoRollout,
  replicaSet,
  replicationController,
  job,
  cronJobRun,
  pod,
];
