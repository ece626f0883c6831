import { isWellKnownContainer, type Sidecar } from '../injector/sidecar';
import type { Workload } from '../snapshot/snapshot';

/**
 * Containers that others have added after injection to a pod without a known template. An injection template that the
 * injector merges into one container of the application is merged into all that the injector sees. The injector records
 * all of these. So if its record names one container of the application, the injector did not see the containers that
 * the record lacks. Those are removed from the injector's answer about the pod.
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
