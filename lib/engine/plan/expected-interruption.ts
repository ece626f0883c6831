import { isObject } from '../cluster/is-object';
import type { Container } from '../cluster/objects';
import { own } from '../cluster/own';
import { isGateway, isWellKnownContainer } from '../injector/sidecar';
import type { InterruptionCode } from '../kinds/interruption-code';
import type { PodRecord, Workload } from '../snapshot/snapshot';
import { interruption, type Interruption } from './interruption';
import type { WorkloadPlan } from './plan';

/**
 * What clients of the workload have to expect from its restart, or from its update in place: what its object and its pods
 * tell. Who its clients are, and what they do about a failed request, is not looked at.
 */
export function expectedInterruption(workload: Workload, { decision, inPlace }: WorkloadPlan): Interruption {
  if (decision === 'update') {
    const replaces = inPlace?.differences.some(({ path }) => path.endsWith('.image')) ?? false;
    return interruption(replaces ? ['SidecarReplaced'] : []);
  }
  const serving = servingContainers(workload);
  const reasons: readonly (InterruptionCode | undefined | false)[] = [
    stopsFirst(workload),
    workload.template.spec.containers.some(hasHostPort) && 'HostPort',
    lacksReadinessProbe(workload, serving) && 'NoReadinessProbe',
    lacksPreStop(workload, serving) && 'NoPreStop',
  ];
  return interruption(reasons.flatMap((reason) => reason || []));
}

/** Pods that are evicted go one after the other. */
function stopsFirst(workload: Workload): InterruptionCode | undefined {
  if (workload.type === 'rollable') {
    return workload.owner.stopsFirst(workload.object);
  }
  return workload.pods.length === 1 ? 'SingleReplica' : undefined;
}

function hasHostPort({ ports }: Container): boolean {
  return portsOf(ports).some((port) => isObject(port) && typeof port.hostPort === 'number' && port.hostPort > 0);
}

/** A startup probe keeps a pod from being ready, too. Of a template that was worked out from a pod, probes are not known. */
function lacksReadinessProbe({ templateSource }: Workload, serving: readonly Container[]): boolean {
  return (
    templateSource === 'owner' && serving.some(({ readinessProbe, startupProbe }) => !readinessProbe && !startupProbe)
  );
}

/** Of the pods that run: those that the restart makes have to stop at the next one. */
function lacksPreStop({ pods }: Workload, serving: readonly Container[]): boolean {
  return pods.some((pod) => serving.some((container) => !waits(container, pod)));
}

/** Whether the container does something before it stops: by its template, or by what the injector has merged into it. */
function waits({ name, lifecycle }: Container, { sidecar }: PodRecord): boolean {
  const merged = sidecar && own(sidecar.containers, name)?.fields.lifecycle;
  return [lifecycle, merged].some((one) => {
    const preStop = isObject(one) ? one.preStop : undefined;
    const sleep = isObject(preStop) ? preStop.sleep : undefined;
    return isObject(preStop) && !(isObject(sleep) && sleep.seconds === 0);
  });
}

/**
 * The application's containers with a port; all of them where none has one, since a container may serve without. A gateway
 * has none: its proxy is ready when it can serve, and drains before it stops.
 */
function servingContainers({ template }: Workload): readonly Container[] {
  const applications = isGateway(template)
    ? []
    : template.spec.containers.filter(({ name }) => !isWellKnownContainer(name));
  const withPorts = applications.filter(({ ports }) => portsOf(ports).length > 0);
  return withPorts.length > 0 ? withPorts : applications;
}

function portsOf(ports: unknown): readonly unknown[] {
  return Array.isArray(ports) ? (ports as readonly unknown[]) : [];
}
