import type { WorkloadObject } from '../cluster/objects';
import type { RollableKind, UnrollableKind } from '../kinds/workload-kind';
import type { PatientRun } from './patience';
import type { UpdateTask } from './update-in-place';
import type { WaveMember } from './waves';

interface WorkloadTask extends WaveMember {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  /** The outdated pods. */
  readonly outdated: readonly { readonly name: string; readonly uid: string }[];
  /** Annotations that the restart sets on the workload itself. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Whether no rollout was under way or had failed before the run. Only then may a failure stop further rollouts. */
  readonly wasComplete: boolean;
}

/** A workload whose controller replaces its pods. */
export interface RestartTask extends WorkloadTask {
  readonly owner: RollableKind;
  /** `wait` for a rollout that others started. */
  readonly action: 'restart' | 'wait';
  /** The workload at the time of the plan. */
  readonly planned: WorkloadObject;
}

/** A workload whose pods are evicted one by one. */
export interface EvictionTask extends WorkloadTask {
  readonly owner: UnrollableKind;
  readonly action: 'evict';
}

export type RollOutTask = RestartTask | EvictionTask | UpdateTask;

/** The result for one workload in a round. */
export interface RollOutResult {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /**
   * `gone`: the workload was deleted, so there is nothing left to update. `stopped`: the run was told to stop after a
   * part of the workload's pods were evicted or updated.
   */
  readonly outcome: 'restarted' | 'updated' | 'waited' | 'gone' | 'failed' | 'notStarted' | 'stopped';
  /** Why it failed, was not started, or was stopped; otherwise empty. */
  readonly message: string;
  /** Set if it failed before any of its pods changed, for example because the API server refused the restart. */
  readonly isUnchanged?: true;
}

/** Receives the progress of rollouts. */
export interface RollOutObserver {
  /** Called before a workload is changed or its first pod is evicted. */
  onBegin?(task: RollOutTask): void;
  /** Called for a rollout that others started. */
  onWait?(task: RollOutTask): void;
  /** Called when the progress of a rollout changes. */
  onStatus?(task: RollOutTask, message: string): void;
  onResult?(task: RollOutTask, result: RollOutResult): void;
}

/** The common data of the rollouts of a run. */
export interface RollOutRun extends PatientRun<RollOutTask> {
  readonly restartedAt: string;
  readonly observer: RollOutObserver;
  readonly isDraining: () => boolean;
  /** Called when the API server has accepted a change of the workload, or when others have changed it. */
  readonly onChanged: (task: RollOutTask) => void;
  awaited: number;
}

/** Whether the workload is deleted or being deleted. In both cases, it replaces no pods. */
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
