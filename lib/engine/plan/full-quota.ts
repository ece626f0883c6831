import { isObject } from '../cluster/is-object';
import type { Container, PodSpec, ResourceQuota, StringMap } from '../cluster/objects';
import { amountOf } from '../cluster/quantity';

type Amounts = Readonly<Record<string, number>>;

/**
 * Why a quota of the namespace would refuse another such pod, worded like the API server's message; undefined if there
 * is room. Applies quotas with scopes to all pods, and ignores what a LimitRange would add to the pod.
 */
export function fullQuota(quotas: readonly ResourceQuota[], spec: PodSpec): string | undefined {
  const needs = needsOf(spec);
  for (const { metadata, status: { hard = {}, used = {} } = {} } of quotas) {
    for (const [name, limit] of Object.entries(hard)) {
      const [most, present] = [amountOf(limit), amountOf(used[name] ?? '0')];
      const need = needs[name] ?? 0;
      if (need > 0 && most !== undefined && present !== undefined && present + need > most * (1 + 1e-9)) {
        return `exceeded quota: ${metadata.name}, used: ${name}=${used[name] ?? '0'}, limited: ${name}=${limit}`;
      }
    }
  }
  return undefined;
}

function needsOf(spec: PodSpec): Amounts {
  const requests = sumOf(spec, ({ resources }) => ({
    ...listOf(resources, 'limits'),
    ...listOf(resources, 'requests'),
  }));
  const limits = sumOf(spec, ({ resources }) => listOf(resources, 'limits'));
  return {
    pods: 1,
    'count/pods': 1,
    ...requests,
    ...prefixed('requests.', requests),
    ...prefixed('limits.', limits),
  };
}

function listOf(resources: unknown, name: 'limits' | 'requests'): StringMap {
  const list = isObject(resources) ? resources[name] : undefined;
  return isObject(list) ? Object.fromEntries(Object.entries(list).map(([key, value]) => [key, String(value)])) : {};
}

/**
 * The sum of the containers that run at the same time, or the greatest amount of a single init container if that is
 * greater.
 */
function sumOf({ containers, initContainers = [] }: PodSpec, of: (container: Container) => StringMap): Amounts {
  const total: Record<string, number> = {};
  const beside = [...containers, ...initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always')];
  for (const [name, quantity] of beside.flatMap((container) => Object.entries(of(container)))) {
    total[name] = (total[name] ?? 0) + (amountOf(quantity) ?? 0);
  }
  for (const [name, quantity] of initContainers.flatMap((container) => Object.entries(of(container)))) {
    total[name] = Math.max(total[name] ?? 0, amountOf(quantity) ?? 0);
  }
  return total;
}

function prefixed(prefix: string, amounts: Amounts): Amounts {
  return Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [`${prefix}${name}`, amount]));
}
