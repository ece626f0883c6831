import { isWellKnownContainer, type Sidecar } from '../injector/sidecar';
import type { Workload } from '../snapshot/snapshot';

/**
 * The application's containers that a pod without a known template has, and that others have added after the injector: it
 * merges a template into containers that it sees, and the pod's record names others. Asked about the pod as it is, it would
 * see these, too.
 */
export function unseenContainers(
  { templateSource, template: { spec } }: Workload,
  recorded: ReadonlySet<string>,
): ReadonlySet<string> {
  const names = spec.containers.map(({ name }) => name).filter((name) => !isWellKnownContainer(name));
  const isMergedInto = templateSource === 'pod' && names.some((name) => recorded.has(name));
  return new Set(isMergedInto ? names.filter((name) => !recorded.has(name)) : []);
}

/** The sidecar without containers of these names. */
export function withoutContainers(names: ReadonlySet<string>, sidecar: Sidecar | undefined): Sidecar | undefined {
  if (!sidecar || names.size === 0) {
    return sidecar;
  }
  const left = Object.entries(sidecar.containers).filter(([name]) => !names.has(name));
  return { ...sidecar, containers: Object.fromEntries(left) };
}
