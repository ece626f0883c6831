import type { WorkloadObject } from '../cluster/objects';
import type { RollableKind, UnrollableKind } from '../kinds/workload-kind';
import type { PatientRun } from './patience';
import type { UpdateTask } from './update-in-place';
import type { WaveMember } from './waves';

interface WorkloadTask extends WaveMember {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  /** The pods that it is restarted for. */
  readonly outdated: readonly { readonly name: string; readonly uid: string }[];
  /** Annotations that the restart gives the workload itself. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Whether no rollout was under way, or had failed, before the run: only then does a failure speak against going on. */
  readonly wasComplete: boolean;
}

/** A workload whose controller replaces its pods. */
export interface RestartTask extends WorkloadTask {
  readonly owner: RollableKind;
  /** `wait` for a rollout that somebody else has started. */
  readonly action: 'restart' | 'wait';
  /** The workload as the plan saw it. */
  readonly planned: WorkloadObject;
}

/** A workload whose pods are evicted, one after the other. */
export interface EvictionTask extends WorkloadTask {
  readonly owner: UnrollableKind;
  readonly action: 'evict';
}

export type RollOutTask = RestartTask | EvictionTask | UpdateTask;

/** What became of one workload in a round. */
export interface RollOutResult {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** `gone`: deleted meanwhile, so there is nothing left to bring up to date. */
  readonly outcome: 'restarted' | 'updated' | 'waited' | 'gone' | 'failed' | 'notStarted';
  /** Why it failed or was not started; else empty. */
  readonly message: string;
}

/** Told while the rollouts are under way. */
export interface RollOutObserver {
  /** Before a workload is changed, or its first pod evicted: from here on it may roll. */
  onBegin?(task: RollOutTask): void;
  /** A rollout that somebody else has started is waited for. */
  onWait?(task: RollOutTask): void;
  /** How far the rollout is, whenever that changes. */
  onStatus?(task: RollOutTask, message: string): void;
  onResult?(task: RollOutTask, result: RollOutResult): void;
}

/** What the rollouts of a run have in common. */
export interface RollOutRun extends PatientRun<RollOutTask> {
  readonly restartedAt: string;
  readonly observer: RollOutObserver;
  readonly isDraining: () => boolean;
  awaited: number;
}

/** Why a stopped run leaves a workload as it is. */
export const DRAINING = 'not started, since the run was told to stop';

/** Deleted, or as good as: what is being deleted replaces no pods any more. */
export function isOver({ metadata }: WorkloadObject, { uid }: Pick<WorkloadTask, 'uid'>): boolean {
  return metadata.uid !== uid || metadata.deletionTimestamp !== undefined;
}

export function resultOf(
  { kind, namespace, name }: RollOutTask,
  outcome: RollOutResult['outcome'],
  message: string,
): RollOutResult {
  return { kind, namespace, name, outcome, message };
}
