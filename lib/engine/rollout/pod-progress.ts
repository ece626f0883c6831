import type { ContainerStatus, Pod } from '../cluster/objects';
import { own } from '../cluster/own';
import { requirementsOf } from '../cluster/quality-of-service';
import { sameQuantity } from '../cluster/quantity';
import type { ComputeResources, ContainerUpdate } from '../plan/in-place';

/** What an updated pod is still waited for. */
export interface Unfinished {
  /** Without a full stop. */
  readonly message: string;
  /** `stuck` where that does not pass by itself, `never` where it cannot be. */
  readonly prospect: 'open' | 'stuck' | 'never';
}

/** What the reasons of a resize's conditions mean: no room on the node now, none ever, more memory in use than the new limit. */
const PROSPECTS: Readonly<Record<string, Unfinished['prospect']>> = {
  Deferred: 'stuck',
  Infeasible: 'never',
  Error: 'stuck',
};

/** Whether all of the quantities are among the resources. */
export function isWithin({ requests = {}, limits = {} }: ComputeResources, resources: unknown): boolean {
  const present = requirementsOf(resources);
  const has = (list: Readonly<Record<string, unknown>> | undefined, wanted: Readonly<Record<string, string>>) =>
    Object.entries(wanted).every(([name, quantity]) => {
      const value = list?.[name];
      return sameQuantity(quantity, value === undefined ? undefined : String(value));
    });
  return has(present.requests, requests) && has(present.limits, limits);
}

/**
 * What the kubelet has not done yet of an update; undefined when it has done all. The name of an image in a status says
 * nothing, for a runtime may know the same image by another name.
 *
 * @param before the pod as it was seen first
 */
export function unfinished(updates: readonly ContainerUpdate[], before: Pod, pod: Pod): Unfinished | undefined {
  return resizeUnfinished(updates, pod) ?? first(updates, (update) => imageUnfinished(update, before, pod));
}

function first<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

function imageUnfinished({ name, image }: ContainerUpdate, before: Pod, pod: Pod): Unfinished | undefined {
  if (!image) {
    return undefined;
  }
  const wasReplaced = before.spec.initContainers?.some((one) => one.name === name && one.image === image.new) ?? false;
  const [old, now] = [statusOf(before, name), statusOf(pod, name)];
  const isAnother = wasReplaced || (now?.containerID !== undefined && now.containerID !== old?.containerID);
  if (isAnother && now?.state?.running && now.started !== false && now.ready !== false) {
    return undefined;
  }
  const { reason, message } = now?.state?.waiting ?? {};
  const state = now?.state?.running
    ? isAnother
      ? `container ${name} runs with image ${image.new}, and is not ready`
      : `container ${name} still runs with image ${image.old}`
    : `container ${name} does not run with image ${image.new}${reason === undefined ? '' : ` (${reason}${message === undefined ? '' : `: ${message}`})`}`;
  return { message: state, prospect: 'open' };
}

function resizeUnfinished(updates: readonly ContainerUpdate[], pod: Pod): Unfinished | undefined {
  const resized = updates.flatMap(({ name, resources }) => (resources ? [{ name, resources }] : []));
  if (resized.length === 0) {
    return undefined;
  }
  const condition = pod.status?.conditions?.find(
    ({ type, status }) => ['PodResizePending', 'PodResizeInProgress'].includes(type) && status === 'True',
  );
  if (condition) {
    const { type, reason = '', message = '' } = condition;
    const state = type === 'PodResizePending' ? 'its resize is pending' : 'its resize is in progress';
    const why = [reason, message].filter((part) => part !== '').join(': ');
    const prospect = own(PROSPECTS, reason) ?? 'open';
    return { message: why === '' ? state : `${state} (${why})`, prospect };
  }
  const { generation } = pod.metadata;
  const { observedGeneration } = pod.status ?? {};
  const isSeen = generation !== undefined && observedGeneration !== undefined && observedGeneration >= generation;
  const late = resized.find(({ name, resources }) => !isSeen && !isResized(statusOf(pod, name), resources));
  return late && { message: `container ${late.name} does not run with its new resources`, prospect: 'open' };
}

/** A kubelet may report CPU requests as the kernel rounds them, but it admits them as written. */
function isResized(status: ContainerStatus | undefined, { requests, limits }: ComputeResources): boolean {
  const actual = requirementsOf(status?.resources);
  const admitted = { ...actual, requests: { ...actual.requests, ...status?.allocatedResources } };
  return isWithin({ limits }, actual) && isWithin({ requests }, admitted);
}

function statusOf({ status }: Pod, name: string): ContainerStatus | undefined {
  return status?.initContainerStatuses?.find((one) => one.name === name);
}
