import type { ContainerStatus, Pod } from '../cluster/objects';
import { own } from '../cluster/own';
import { requirementsOf } from '../cluster/quality-of-service';
import { sameQuantity } from '../cluster/quantity';
import type { ComputeResources, ContainerUpdate } from '../plan/in-place';

/** Why the update of a pod is not complete. */
export interface Unfinished {
  /** Without a period. */
  readonly message: string;
  /** `stuck` if this does not resolve itself; `never` if the update is impossible. */
  readonly prospect: 'open' | 'stuck' | 'never';
}

/** Reasons in the conditions of a resize: no room on the node now or ever, or more memory in use than the new limit. */
const PROSPECTS: Readonly<Record<string, Unfinished['prospect']>> = {
  Deferred: 'stuck',
  Infeasible: 'never',
  Error: 'stuck',
};

/** Whether the resources include all of the quantities. */
export function isWithin({ requests = {}, limits = {} }: ComputeResources, resources: unknown): boolean {
  const present = requirementsOf(resources);
  const has = (list: Readonly<Record<string, unknown>> | undefined, wanted: Readonly<Record<string, string>>) =>
    Object.entries(wanted).every(([name, quantity]) => sameQuantity(quantity, list?.[name]));
  return has(present.requests, requests) && has(present.limits, limits);
}

/**
 * The part of an update that the kubelet has not done yet; undefined if the update is complete. Ignores the image name
 * in the status, because a runtime may use another name for the same image.
 *
 * @param before the pod at the start of the update
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
      ? `container ${name} runs with image ${image.new}, but is not ready`
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

/** Compares allocated requests, because a kubelet may report CPU requests as rounded by the kernel. */
function isResized(status: ContainerStatus | undefined, { requests, limits }: ComputeResources): boolean {
  const actual = requirementsOf(status?.resources);
  const admitted = { ...actual, requests: { ...actual.requests, ...status?.allocatedResources } };
  return isWithin({ limits }, actual) && isWithin({ requests }, admitted);
}

function statusOf({ status }: Pod, name: string): ContainerStatus | undefined {
  return status?.initContainerStatuses?.find((one) => one.name === name);
}
