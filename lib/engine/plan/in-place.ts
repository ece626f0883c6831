import { allContainers } from '../cluster/all-containers';
import { isObject } from '../cluster/is-object';
import type { PodTemplate, StringMap } from '../cluster/objects';
import { own } from '../cluster/own';
import {
  COMPUTE_RESOURCES,
  qualityOfService,
  requirementsOf,
  type ResourceRequirements,
} from '../cluster/quality-of-service';
import { amountOf, sameQuantity } from '../cluster/quantity';
import { differences, type Difference } from '../injector/differences';
import { isWellKnownContainer, type Sidecar, type SidecarContainer } from '../injector/sidecar';

/** A pod's sidecar, and the sidecar that Istio would add today. */
export interface ComparedSidecars {
  readonly running: Sidecar;
  readonly wanted: Sidecar;
  /** Further differences, independent of the two sidecars. */
  readonly further?: readonly Difference[];
}

/** The desired state of a native sidecar container in a running pod. */
export interface ContainerUpdate {
  readonly name: string;
  readonly image?: { readonly old: string; readonly new: string };
  /** All of its CPU and memory resources. */
  readonly resources?: ComputeResources;
}

export interface ComputeResources {
  readonly requests?: StringMap;
  readonly limits?: StringMap;
}

/** An update of one pod in place. */
export interface PodUpdate {
  readonly containers: readonly ContainerUpdate[];
  /** The differences that the update removes. */
  readonly differences: readonly Difference[];
  /** The differences that remain. */
  readonly remaining: readonly Difference[];
}

/**
 * Differences that determine which control plane a proxy uses. After an update in place, a new proxy would still use
 * the old control plane.
 */
const OF_CONTROL_PLANE = /^istio\.io\/rev$|\.env\.(?:PROXY_CONFIG\.discoveryAddress|CA_ADDR)$/;

/**
 * How far a running pod's sidecar can be updated in place: Kubernetes only allows changes of a container's image, CPU
 * and memory. Undefined if there is no difference in these that an update in place can resolve, or if the sidecar is
 * not a native sidecar.
 *
 * @param template the template of the pod, which may already contain parts of the sidecar
 * @see https://kubernetes.io/docs/concepts/workloads/pods/#pod-update-and-replacement
 * @see https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/
 */
export function inPlaceUpdate(sidecars: ComparedSidecars, template: PodTemplate): PodUpdate | undefined {
  const { running, wanted, further = [] } = sidecars;
  const ofUser = new Set(allContainers(template.spec).map(({ name }) => name));
  const stays = !differences(running, wanted).some(({ path }) => OF_CONTROL_PLANE.test(path));
  const updates = Object.entries(running.containers).flatMap(([name, container]): ContainerUpdate[] => {
    const target = own(wanted.containers, name);
    const isOfUser = ofUser.has(name) && !isWellKnownContainer(name);
    if (!target || isOfUser || container.placement !== 'native sidecar' || target.placement !== 'native sidecar') {
      return [];
    }
    const image = stays ? changedImage(container, target) : undefined;
    const resources = resized(container, target);
    return image || resources ? [{ name, ...(image ? { image } : {}), ...(resources ? { resources } : {}) }] : [];
  });
  const containers = keepsItsClass(running, updates, template) ? updates : updates.flatMap(withoutResources);
  if (containers.length === 0) {
    return undefined;
  }
  const updated = withUpdates(running, containers);
  return {
    containers,
    differences: differences(running, updated),
    remaining: [...differences(withWhatHasRun(updated, wanted), wanted), ...further],
  };
}

/**
 * The relevant differences of a pod that is not replaced. Ignores image and resources of containers that have already
 * ended, such as `istio-init`.
 */
export function runningDifferences({ running, wanted, further = [] }: ComparedSidecars): readonly Difference[] {
  return [...differences(withWhatHasRun(running, wanted), wanted), ...further];
}

function changedImage(
  { fields: { image: old } }: SidecarContainer,
  { fields: { image } }: SidecarContainer,
): ContainerUpdate['image'] {
  return typeof old === 'string' && typeof image === 'string' && old !== image ? { old, new: image } : undefined;
}

/** Adds or changes CPU and memory values. Values cannot be removed. */
function resized(
  { fields: { resources: old } }: SidecarContainer,
  { fields: { resources } }: SidecarContainer,
): ComputeResources | undefined {
  const [before, after] = [requirementsOf(old), requirementsOf(resources)];
  const merged = (field: keyof ResourceRequirements) => {
    const quantities = COMPUTE_RESOURCES.flatMap((name) => {
      const quantity = after[field]?.[name] ?? before[field]?.[name];
      return typeof quantity === 'string' || typeof quantity === 'number' ? [[name, String(quantity)] as const] : [];
    });
    return quantities.length === 0 ? {} : { [field]: Object.fromEntries(quantities) };
  };
  const target: ComputeResources = { ...merged('requests'), ...merged('limits') };
  const isChanged = (['requests', 'limits'] as const).some((field) =>
    Object.entries(target[field] ?? {}).some(([name, quantity]) => !sameQuantity(quantity, before[field]?.[name])),
  );
  const isWithinLimits = COMPUTE_RESOURCES.every((name) => {
    const [request, limit] = [amountOf(target.requests?.[name]), amountOf(target.limits?.[name])];
    return request === undefined || limit === undefined || request <= limit;
  });
  return isChanged && isWithinLimits ? target : undefined;
}

function withoutResources({ name, image }: ContainerUpdate): readonly ContainerUpdate[] {
  return image ? [{ name, image }] : [];
}

/** Whether a resize is possible: not for a pod with pod-level resources, and not if the QoS class would change. */
function keepsItsClass(running: Sidecar, updates: readonly ContainerUpdate[], { spec }: PodTemplate): boolean {
  if (spec.resources !== undefined) {
    return false;
  }
  const names = new Set(Object.keys(running.containers));
  const others = allContainers(spec).filter(({ name }) => !names.has(name));
  const classOf = ({ containers }: Sidecar) =>
    qualityOfService(
      [
        ...others.map(({ resources }) => resources),
        ...Object.values(containers).map(({ fields }) => fields.resources),
      ].map(requirementsOf),
    );
  return classOf(running) === classOf(withUpdates(running, updates));
}

function withUpdates(sidecar: Sidecar, updates: readonly ContainerUpdate[]): Sidecar {
  const containers = updates.flatMap(({ name, image, resources }) => {
    const container = own(sidecar.containers, name);
    return container
      ? [
          [
            name,
            withFields(container, {
              ...(image ? { image: image.new } : {}),
              ...(resources ? { resources: withResources(container.fields.resources, resources) } : {}),
            }),
          ] as const,
        ]
      : [];
  });
  return { ...sidecar, containers: { ...sidecar.containers, ...Object.fromEntries(containers) } };
}

function withResources(old: unknown, { requests, limits }: ComputeResources): object {
  const before = requirementsOf(old);
  const filled = (field: keyof ResourceRequirements, quantities?: StringMap) =>
    quantities ? { [field]: { ...before[field], ...quantities } } : {};
  return { ...(isObject(old) ? old : {}), ...filled('requests', requests), ...filled('limits', limits) };
}

function withWhatHasRun(running: Sidecar, wanted: Sidecar): Sidecar {
  const containers = Object.entries(running.containers).map(([name, container]) => {
    const target = own(wanted.containers, name);
    const hasRun = container.placement === 'init container' && target?.placement === 'init container';
    return [
      name,
      hasRun ? withFields(container, { image: target.fields.image, resources: target.fields.resources }) : container,
    ] as const;
  });
  return { ...running, containers: Object.fromEntries(containers) };
}

function withFields(container: SidecarContainer, fields: SidecarContainer['fields']): SidecarContainer {
  const all = Object.entries({ ...container.fields, ...fields }).filter(([, value]) => value !== undefined);
  return { ...container, fields: Object.fromEntries(all) };
}
