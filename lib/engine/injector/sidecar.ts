import { allContainers } from '../cluster/all-containers';
import { isObject } from '../cluster/is-object';
import type { Container, ObjectMeta, PodSpec, PodTemplate } from '../cluster/objects';

/** The parts that the injector added to a pod, in a form that can be compared with what it would add today. */
export interface Sidecar {
  /**
   * The revision of the control plane that injected it, from the annotation `istio.io/rev`, or else from the record of
   * injection; empty if neither contains it.
   */
  readonly revision: string;
  /** By container name, for both lists of containers, so that a move between the lists is one difference. */
  readonly containers: Readonly<Record<string, SidecarContainer>>;
  /** By volume name. */
  readonly volumes: Readonly<Record<string, unknown>>;
}

export interface SidecarContainer {
  readonly placement: 'container' | 'init container' | 'native sidecar';
  /** The container's fields except its name; `env` by name, and `volumeMounts` by mount path. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The injector's record of injection: the annotation of a pod that lists what was injected. */
export const STATUS_ANNOTATION = 'sidecar.istio.io/status';
export const CUSTOM_IMAGE_ANNOTATION = 'sidecar.istio.io/proxyImage';

const PROXY = 'istio-proxy';
/** The placeholder for the image in a gateway's template. A pod that still has it was not injected. */
const PLACEHOLDER = 'auto';
const WELL_KNOWN_CONTAINERS = [PROXY, 'istio-init', 'istio-validation'];
/** The token volume that admission adds to every pod under a random name. */
const TOKEN_VOLUME = 'kube-api-access-';

interface InjectionStatus {
  readonly containers?: readonly string[] | null;
  readonly initContainers?: readonly string[] | null;
  readonly volumes?: readonly string[] | null;
  readonly revision?: string;
}

/** A pod that may have a sidecar. */
export interface InjectedPod {
  readonly metadata: Pick<ObjectMeta, 'annotations' | 'labels'>;
  readonly spec: PodSpec;
}

/** Returns an equal value that is already stored, or this one. */
export type Share = <T>(value: T) => T;

/**
 * The pod's sidecar; undefined if it has none.
 *
 * @param share replaces each value
 * @param further containers that count as injected even if the pod's record does not contain them
 */
export function sidecarOf(
  pod: InjectedPod,
  share: Share = (value) => value,
  further: ReadonlySet<string> = new Set(),
): Sidecar | undefined {
  const status = injectionStatus(pod.metadata.annotations?.[STATUS_ANNOTATION]);
  const injected = new Set([...injectedContainerNames(status), ...further]);
  const containers: Record<string, SidecarContainer> = {};
  for (const container of pod.spec.initContainers ?? []) {
    if (injected.has(container.name)) {
      const placement = container.restartPolicy === 'Always' ? 'native sidecar' : 'init container';
      containers[container.name] = { placement, fields: containerFields(container, share) };
    }
  }
  for (const container of pod.spec.containers) {
    if (injected.has(container.name)) {
      containers[container.name] = { placement: 'container', fields: containerFields(container, share) };
    }
  }
  if (!containers[PROXY] || containers[PROXY].fields.image === PLACEHOLDER || isNodeProxy(containers[PROXY])) {
    return undefined;
  }
  const volumes = new Set(status.volumes ?? []);
  return {
    revision: pod.metadata.annotations?.['istio.io/rev'] ?? status.revision ?? '',
    containers,
    volumes: share(
      Object.fromEntries(
        (pod.spec.volumes ?? [])
          .filter(({ name }) => volumes.has(name))
          .map(({ name, ...source }) => [name, source] as const),
      ),
    ),
  };
}

/** Whether the proxy is ztunnel of ambient mode. It has the name of a sidecar, but serves its node. */
function isNodeProxy({ fields: { args } }: SidecarContainer): boolean {
  return Array.isArray(args) && args[0] === 'proxy' && args[1] === 'ztunnel';
}

/** Whether the template contains the proxy's container: all of it, or a part for the injector to complete. */
export function containsProxy({ spec }: PodTemplate): boolean {
  return allContainers(spec).some(({ name }) => name === PROXY);
}

/** Whether the template, like a gateway's, describes a proxy that cannot start unless the injector completes it. */
export function needsInjector({ spec }: PodTemplate): boolean {
  return allContainers(spec).some(({ name, image }) => name === PROXY && image === PLACEHOLDER);
}

/** Whether pods of the template are gateways for traffic into or out of the mesh, not sidecars. */
export function isGateway(template: PodTemplate): boolean {
  const templates = template.metadata?.annotations?.['inject.istio.io/templates'] ?? '';
  return templates.split(',').some((name) => name.trim() === 'gateway') || needsInjector(template);
}

/** The names that `sidecarOf` treats as injected, from the pod's record and Istio's fixed names. */
export function injectedNames(annotations: Readonly<Record<string, string>> | undefined): {
  readonly containers: ReadonlySet<string>;
  readonly volumes: ReadonlySet<string>;
} {
  const status = injectionStatus(annotations?.[STATUS_ANNOTATION]);
  return { containers: injectedContainerNames(status), volumes: new Set(status.volumes ?? []) };
}

/** Whether containers of this name are always the injector's. */
export function isWellKnownContainer(name: string): boolean {
  return WELL_KNOWN_CONTAINERS.includes(name);
}

/** Whether the volume has a random name, which differs between any two pods. */
export function isTokenVolume(name: string): boolean {
  return name.startsWith(TOKEN_VOLUME);
}

function injectedContainerNames(status: InjectionStatus): ReadonlySet<string> {
  return new Set([...WELL_KNOWN_CONTAINERS, ...(status.containers ?? []), ...(status.initContainers ?? [])]);
}

/** Whether the pod or template has the record of injection. An empty record counts as missing. */
export function hasRecord(annotations: Readonly<Record<string, string>> | undefined): boolean {
  return (annotations?.[STATUS_ANNOTATION] ?? '') !== '';
}

/**
 * Whether the record of injection is not in Istio's format. Everyone who may change the pod may change it. An empty
 * record counts as missing.
 */
export function isMalformedRecord(annotation: string | undefined): boolean {
  return annotation !== undefined && annotation !== '' && parsedStatus(annotation) === undefined;
}

/** Without a valid record, the fixed names are enough to find a proxy. */
function injectionStatus(annotation: string | undefined): InjectionStatus {
  return (annotation ? parsedStatus(annotation) : undefined) ?? {};
}

function parsedStatus(annotation: string): InjectionStatus | undefined {
  let status: unknown;
  try {
    status = JSON.parse(annotation);
  } catch {
    return undefined;
  }
  if (!isObject(status)) {
    return undefined;
  }
  const { containers, initContainers, volumes, revision } = status;
  const isWellFormed =
    [containers, initContainers, volumes].every((names) => names === undefined || names === null || isNames(names)) &&
    (revision === undefined || typeof revision === 'string');
  return isWellFormed ? status : undefined;
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}

/** The fields of a container as a `SidecarContainer` has them. */
export function containerFields(
  { name: _, env, volumeMounts, ...others }: Container,
  share: Share = (value) => value,
): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(others)) {
    fields[field] = share(value);
  }
  if (env) {
    fields.env = Object.fromEntries(
      env.map(({ name, ...source }) => [name, share(source.value ?? source.valueFrom ?? '')]),
    );
  }
  if (volumeMounts) {
    fields.volumeMounts = share(
      Object.fromEntries(
        volumeMounts
          .filter(({ name }) => !isTokenVolume(name))
          .map(({ mountPath, ...mount }) => [mountPath, mount] as const),
      ),
    );
  }
  return fields;
}
