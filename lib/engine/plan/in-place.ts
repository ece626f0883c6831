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

/** A pod's sidecar, and what it would be by Istio's doing. */
export interface ComparedSidecars {
  readonly running: Sidecar;
  readonly wanted: Sidecar;
  /** What will differ besides, whatever the two look like. */
  readonly further?: readonly Difference[];
}

/** What one native sidecar container of a running pod is to have. */
export interface ContainerUpdate {
  readonly name: string;
  readonly image?: { readonly old: string; readonly new: string };
  /** All of its cpu and memory. */
  readonly resources?: ComputeResources;
}

export interface ComputeResources {
  readonly requests?: StringMap;
  readonly limits?: StringMap;
}

/** What of a pod's differences can be settled while it runs. */
export interface PodUpdate {
  readonly containers: readonly ContainerUpdate[];
  /** What is settled. */
  readonly differences: readonly Difference[];
  /** What stays different. */
  readonly remaining: readonly Difference[];
}

/** Where a proxy of another control plane's version would stay with the one that it has. */
const OF_CONTROL_PLANE = /^istio\.io\/rev$|\.env\.(?:PROXY_CONFIG\.discoveryAddress|CA_ADDR)$/;

/**
 * How far a running pod's sidecar can be brought to what is wanted: Kubernetes lets the image of a container change, and its
 * cpu and memory, but nothing else of it. Undefined where nothing of that differs, or the sidecar is no native one.
 *
 * @param template what else is in the pod
 * @see https://kubernetes.io/docs/concepts/workloads/pods/#pod-update-and-replacement
 * @see https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/
 */
export function inPlaceUpdate(sidecars: ComparedSidecars, template: PodTemplate): PodUpdate | undefined {
  const { running, wanted, further = [] } = sidecars;
  const ofUser = new Set(
    [...template.spec.containers, ...(template.spec.initContainers ?? [])].map(({ name }) => name),
  );
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
 * In what a pod that stays as it is differs: containers that have run before the application, as `istio-init` does, run with
 * no image and no resources any more.
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

/** What is written of cpu and memory today is added or changed; what is not written any more cannot be taken away. */
function resized(
  { fields: { resources: old } }: SidecarContainer,
  { fields: { resources } }: SidecarContainer,
): ComputeResources | undefined {
  const [before, after] = [requirementsOf(old), requirementsOf(resources)];
  const merged = (field: keyof ResourceRequirements) => {
    const quantities = COMPUTE_RESOURCES.flatMap((name) => {
      const quantity = after[field]?.[name] ?? before[field]?.[name];
      return quantity === undefined ? [] : [[name, String(quantity)] as const];
    });
    return quantities.length === 0 ? {} : { [field]: Object.fromEntries(quantities) };
  };
  const target: ComputeResources = { ...merged('requests'), ...merged('limits') };
  const isChanged = (['requests', 'limits'] as const).some((field) =>
    Object.entries(target[field] ?? {}).some(([name, quantity]) => {
      const present = before[field]?.[name];
      return !sameQuantity(quantity, present === undefined ? undefined : String(present));
    }),
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

/** Whether a resize would be accepted: a pod that has resources as a whole, or that would change its class, is not resized. */
function keepsItsClass(running: Sidecar, updates: readonly ContainerUpdate[], { spec }: PodTemplate): boolean {
  if (spec.resources !== undefined) {
    return false;
  }
  const names = new Set(Object.keys(running.containers));
  const others = [...spec.containers, ...(spec.initContainers ?? [])].filter(({ name }) => !names.has(name));
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
