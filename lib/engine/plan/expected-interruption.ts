import { isObject } from '../cluster/is-object';
import type { Container } from '../cluster/objects';
import { own } from '../cluster/own';
import { isGateway, isWellKnownContainer } from '../injector/sidecar';
import type { InterruptionCode } from '../kinds/interruption-code';
import type { PodRecord, Workload } from '../snapshot/snapshot';
import { interruption, type Interruption } from './interruption';
import type { WorkloadPlan } from './plan';

/**
 * The interruption that clients of the workload can expect from its restart or update in place, according to its object
 * and its pods. Does not consider who the clients are, or whether they retry requests.
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

/**
 * Why pods stop before others can serve. Pods of workloads that are not rollable are evicted one by one, so the others
 * serve in the meantime, if there are any.
 */
function stopsFirst(workload: Workload): InterruptionCode | undefined {
  if (workload.type === 'rollable') {
    return workload.owner.stopsFirst(workload.object);
  }
  return workload.pods.length === 1 ? 'SingleReplica' : undefined;
}

function hasHostPort({ ports }: Container): boolean {
  return portsOf(ports).some((port) => isObject(port) && typeof port.hostPort === 'number' && port.hostPort > 0);
}

/**
 * A startup probe counts, because it also delays readiness. In a template that was derived from a pod, probes are
 * unknown.
 */
function lacksReadinessProbe({ templateSource }: Workload, serving: readonly Container[]): boolean {
  return (
    templateSource === 'owner' && serving.some(({ readinessProbe, startupProbe }) => !readinessProbe && !startupProbe)
  );
}

/** Checks the running pods, which this restart stops. New pods only stop at the next restart. */
function lacksPreStop({ pods }: Workload, serving: readonly Container[]): boolean {
  return pods.some((pod) => serving.some((container) => !waits(container, pod)));
}

/** Whether the container has a preStop hook, in its template or from the injector. */
function waits({ name, lifecycle }: Container, { sidecar }: PodRecord): boolean {
  const merged = sidecar && own(sidecar.containers, name)?.fields.lifecycle;
  return [lifecycle, merged].some((one) => {
    const preStop = isObject(one) ? one.preStop : undefined;
    const sleep = isObject(preStop) ? preStop.sleep : undefined;
    return isObject(preStop) && !(isObject(sleep) && sleep.seconds === 0);
  });
}

/**
 * The application's containers with ports; all containers if none has a port, because ports are optional. For a
 * gateway, none of its containers: its proxy is ready when it can serve, and drains before it stops.
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
