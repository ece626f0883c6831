import { apiPath } from '../cluster/api-path';
import type { KubernetesApi } from '../cluster/api';
import { ApiFailure } from '../cluster/api-failure';
import { FIELD_MANAGER } from '../cluster/field-manager';
import { hasEnded } from '../cluster/has-ended';
import type { Container, Pod } from '../cluster/objects';
import { requirementsOf } from '../cluster/quality-of-service';
import { shellCommand } from '../cluster/shell-command';
import { unlessNotFound } from '../cluster/unless-not-found';
import type { ContainerUpdate } from '../plan/in-place';
import type { Workload } from '../snapshot/snapshot';
import { Patience, STANDS_STILL, type PatientRun } from './patience';
import { isWithin, unfinished } from './pod-progress';
import { stoppedAfter } from './stopping';
import { stuckPod } from './stuck-rollout';
import type { WaveMember } from './waves';

/** A workload whose pods are updated in place. */
export interface UpdateTask extends WaveMember {
  readonly action: 'update';
  readonly kind: string;
  readonly name: string;
  /** The reference to its object, as in an Event. */
  readonly reference: Workload['reference'];
  readonly pods: readonly PodTarget[];
  /** An update in place has no earlier rollout that could have failed. */
  readonly wasComplete: true;
}

/** A pod, and the desired state of its sidecar. */
export interface PodTarget {
  readonly name: string;
  readonly uid: string;
  readonly containers: readonly ContainerUpdate[];
}

/** The common data of the updates of a run. */
export interface UpdateRun extends PatientRun<UpdateTask> {
  readonly observer: PatientRun<UpdateTask>['observer'] & { onBegin?(task: UpdateTask): void };
  readonly isDraining: () => boolean;
  /** Called when the API server has accepted a change of a pod, or when others have changed it. */
  readonly onChanged: (task: UpdateTask) => void;
}

export interface UpdateResult {
  /** `waited` if others have updated every pod; `gone` if no pod exists any more. */
  readonly outcome: 'updated' | 'waited' | 'gone' | 'failed' | 'notStarted' | 'stopped';
  /** Why it failed, was not started, or was stopped; otherwise empty. */
  readonly message: string;
}

type PodOutcome = 'updated' | 'waited' | 'gone';

/** The maximum number of attempts of an update that conflicts with changes by others. */
const CONFLICTS = 5;

/** A failed update of a pod, as one sentence without a period. */
class UpdateFailure extends Error {}

/**
 * Updates the workload's pods in place, one by one. Waits for each until the kubelet reports that its sidecar runs with
 * the new image and resources.
 *
 * @throws RestartError, and ApiFailure of the API server itself
 */
export async function updateInPlace(run: UpdateRun, task: UpdateTask): Promise<UpdateResult> {
  const outcomes: PodOutcome[] = [];
  let hasBegun = false;
  const begin = () => {
    if (!hasBegun) {
      hasBegun = true;
      run.observer.onBegin?.(task);
    }
  };
  for (const target of task.pods) {
    if (run.isDraining()) {
      return stoppedAfter(outcomes.filter((outcome) => outcome === 'updated').length, task.pods, 'updated');
    }
    try {
      outcomes.push(await updatePod(run, task, target, begin));
    } catch (error) {
      if (error instanceof UpdateFailure) {
        return { outcome: 'failed', message: error.message };
      }
      throw error;
    }
  }
  const outcome = (['updated', 'waited'] as const).find((one) => outcomes.includes(one)) ?? 'gone';
  return { outcome, message: '' };
}

async function updatePod(run: UpdateRun, task: UpdateTask, target: PodTarget, begin: () => void): Promise<PodOutcome> {
  const { api } = run;
  let first: Pod | undefined;
  let isTried = false;
  for (let attempt = 1; ; attempt++) {
    const pod = await present(api, task, target);
    if (!pod) {
      return 'gone';
    }
    first ??= pod;
    const due = dueIn(pod, target);
    if (due === 'changed') {
      return 'waited';
    }
    if (due.resized.length + due.replaced.length === 0) {
      run.onChanged(task);
      await awaitPod(run, task, target, first);
      return isTried ? 'updated' : 'waited';
    }
    begin();
    isTried = true;
    try {
      await patchPod(api, pod, due, () => {
        run.onChanged(task);
      });
    } catch (error) {
      const status = error instanceof ApiFailure ? error.status : undefined;
      const isSettled = status === 404 && !(await present(api, task, target));
      if (!isSettled && (status !== 409 || attempt >= CONFLICTS)) {
        throw failureOf(target, error);
      }
    }
  }
}

/** The remaining changes of a pod, as container entries of a patch. */
interface Due {
  readonly resized: readonly object[];
  readonly replaced: readonly object[];
}

/** `changed` if others have set another image since the plan. */
function dueIn(pod: Pod, { containers }: PodTarget): Due | 'changed' {
  const found = new Map<string, Container>((pod.spec.initContainers ?? []).map((one) => [one.name, one]));
  const present = containers.flatMap((update) => {
    const container = found.get(update.name);
    return container?.restartPolicy === 'Always' ? [{ update, container }] : [];
  });
  const isOther = ({ update: { image }, container }: (typeof present)[0]) =>
    image !== undefined && container.image !== image.old && container.image !== image.new;
  if (present.length < containers.length || present.some(isOther)) {
    return 'changed';
  }
  return {
    resized: present.flatMap(({ update: { name, resources }, container }) =>
      resources && !isWithin(resources, container.resources)
        ? [{ name, resources: { ...requirementsOf(container.resources), ...resources } }]
        : [],
    ),
    replaced: present.flatMap(({ update: { name, image }, container }) =>
      image && container.image !== image.new ? [{ name, image: image.new }] : [],
    ),
  };
}

/** Resizes first, because a resize interrupts nothing and may be refused. */
async function patchPod(
  api: KubernetesApi,
  pod: Pod,
  { resized, replaced }: Due,
  onChanged: () => void,
): Promise<void> {
  const { namespace = '', name, uid } = pod.metadata;
  const path = pathOf(namespace, name);
  let { resourceVersion } = pod.metadata;
  const patch = async (to: string, initContainers: readonly object[]) => {
    const body = { metadata: { uid, resourceVersion }, spec: { initContainers } };
    ({ resourceVersion } = (await api.strategicMergePatch<Pod>(to, body, FIELD_MANAGER)).metadata);
    onChanged();
  };
  if (resized.length > 0) {
    await patch(`${path}/resize`, resized);
  }
  if (replaced.length > 0) {
    await patch(path, replaced);
  }
}

/** The error for a refused patch: a failure of this pod, or an error that ends the run. */
function failureOf({ name }: PodTarget, error: unknown): unknown {
  if (!(error instanceof ApiFailure) || error.isOfServer || error.status === 401) {
    return error;
  }
  const why =
    error.status === 404
      ? 'the API server cannot resize pods; its feature gate InPlacePodVerticalScaling may be off'
      : error.message;
  return new UpdateFailure(`pod ${name} is not updated: ${why}`);
}

async function awaitPod(run: UpdateRun, task: UpdateTask, target: PodTarget, first: Pod): Promise<void> {
  const { api, stuckSeconds } = run;
  const patience = new Patience(run, task);
  let stuckSince: number | undefined;
  for (;;) {
    const pod = await present(api, task, target);
    const waiting = pod ? unfinished(target.containers, first, pod) : undefined;
    if (!pod || !waiting) {
      return;
    }
    const now = Date.now();
    const [stuck] = stuckPod(pod);
    const isStuck = stuck !== undefined || waiting.prospect === 'stuck';
    stuckSince = isStuck ? (stuckSince ?? now) : undefined;
    const why = stuck ?? `pod ${target.name}: ${waiting.message}`;
    patience.tell(why, now);
    const standsStill = stuckSince !== undefined && now - stuckSince >= stuckSeconds * 1000;
    const limit = patience.late(now) ?? (standsStill ? STANDS_STILL : undefined);
    const prefix = waiting.prospect === 'never' ? '' : limit && `${limit}: `;
    if (prefix !== undefined) {
      throw new UpdateFailure(`${prefix}${why}${wayBack(task, target, first)}`);
    }
    await patience.pause();
  }
}

/** How to restore the previous image, because a pod without a running proxy gets no traffic. */
function wayBack({ namespace }: UpdateTask, { name, containers }: PodTarget, first: Pod): string {
  const images = containers.flatMap(({ name: container, image }) => {
    const before = first.spec.initContainers?.find((one) => one.name === container)?.image;
    return image && before !== undefined ? [`${container}=${before}`] : [];
  });
  return images.length === 0
    ? ''
    : `; to go back to the previous image, run ${shellCommand('kubectl', '-n', namespace, 'set', 'image', `pod/${name}`, ...images)}`;
}

/** The pod; undefined if it is deleted, being deleted, replaced by another of the same name, or has ended. */
async function present(
  api: KubernetesApi,
  { namespace }: UpdateTask,
  { name, uid }: PodTarget,
): Promise<Pod | undefined> {
  const pod = await unlessNotFound(api.get<Pod>(pathOf(namespace, name)));
  return pod?.metadata.uid === uid && !hasEnded(pod) ? pod : undefined;
}

function pathOf(namespace: string, name: string): string {
  return apiPath({ apiVersion: 'v1', resource: 'pods', namespace, name });
}
