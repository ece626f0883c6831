import { allContainers } from '../cluster/all-containers';
import { isObject } from '../cluster/is-object';
import type { PodTemplate } from '../cluster/objects';
import { own } from '../cluster/own';
import { containerFields, isWellKnownContainer, type Sidecar, type SidecarContainer } from '../injector/sidecar';

type Fields = SidecarContainer['fields'];

/**
 * Variables with the probes and annotations that Istio rewrites. Its configuration determines whether it rewrites any.
 */
export const REWRITTEN = ['ISTIO_KUBE_APP_PROBERS', 'ISTIO_PROMETHEUS_ANNOTATIONS'];
/**
 * Values that Istio derives from the pod: its containers, ports, owner and name, and rewritten probes and annotations.
 * They depend on the template, and a restart does not change them.
 */
const OF_THE_POD_ITSELF = [
  'ISTIO_META_APP_CONTAINERS',
  'ISTIO_META_POD_PORTS',
  'ISTIO_META_WORKLOAD_NAME',
  'ISTIO_META_OWNER',
  ...REWRITTEN,
];
/** Stands for every value of a variable with rewritten probes or annotations. */
const PRESENT = 'set';

/** A pod template, as far as comparisons of its pods' sidecars depend on it. */
export class ComparedTemplate {
  private known: Readonly<Record<string, Fields>> | undefined;

  /** @param isOfPod whether the compared pods were certainly created from the template, so that they have its probes */
  constructor(
    private readonly template: PodTemplate,
    private readonly isOfPod: boolean,
  ) {}

  /**
   * The application's containers by name, in the form of a sidecar's containers. Computed on first use, because most
   * workloads are up to date, and need no comparison.
   */
  private get applications(): Readonly<Record<string, Fields>> {
    this.known ??= Object.fromEntries(
      allContainers(this.template.spec).flatMap((container) =>
        isWellKnownContainer(container.name) ? [] : [[container.name, containerFields(container)] as const],
      ),
    );
    return this.known;
  }

  /**
   * The sidecar without values that Istio derives from the pod. The application's containers have only the fields that
   * injection adds.
   */
  comparable(sidecar: Sidecar): Sidecar {
    return withContainers(sidecar, (name, container) => {
      const written = own(this.applications, name);
      return written ? added(container, written) : this.withoutOwn(container);
    });
  }

  /**
   * The sidecar, but with only those fields of the application's containers that the injector merges into them. Other
   * fields of these containers are not part of the sidecar.
   */
  namedByInjector(sidecar: Sidecar, ofInjector: Sidecar, recorded: ReadonlySet<string>): Sidecar {
    return withContainers(sidecar, (name, container) => {
      const written = own(this.applications, name);
      const given = written && recorded.has(name) ? own(ofInjector.containers, name) : undefined;
      return written && given
        ? { ...container, fields: common(added(container, written).fields, given.fields) }
        : container;
    });
  }

  /**
   * Adds to the sidecar what only the other one has: application containers, and objects nested in their fields. These
   * additions contain no values, only empty objects. The differences are then single fields, not whole containers or
   * objects.
   */
  completed(sidecar: Sidecar, other: Sidecar): Sidecar {
    const containers = Object.keys(this.applications).flatMap((name) => {
      const known = own(other.containers, name);
      const present = own(sidecar.containers, name) ?? (known && { ...known, fields: {} });
      return known && present
        ? [[name, { ...present, fields: withObjectsOf(known.fields, present.fields) as Fields }] as const]
        : [];
    });
    return { ...sidecar, containers: { ...sidecar.containers, ...Object.fromEntries(containers) } };
  }

  /**
   * The container without the variables that Istio derives from the pod. If the pod was certainly created from the
   * template, keeps the names of the variables with rewritten probes and annotations.
   */
  private withoutOwn(container: SidecarContainer): SidecarContainer {
    const { env } = container.fields;
    if (!isObject(env) || !OF_THE_POD_ITSELF.some((name) => Object.hasOwn(env, name))) {
      return container;
    }
    const entries = Object.entries(env).flatMap(([name, value]) => {
      if (!OF_THE_POD_ITSELF.includes(name)) {
        return [[name, value] as const];
      }
      return this.isOfPod && REWRITTEN.includes(name) ? [[name, PRESENT] as const] : [];
    });
    return { ...container, fields: { ...container.fields, env: Object.fromEntries(entries) } };
  }
}

function withContainers(
  sidecar: Sidecar,
  change: (name: string, container: SidecarContainer) => SidecarContainer,
): Sidecar {
  const containers = Object.entries(sidecar.containers).map(([name, one]) => [name, change(name, one)] as const);
  return { ...sidecar, containers: Object.fromEntries(containers) };
}

/** The fields that also exist in the other object, at any depth. */
function common(fields: Fields, others: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => {
      const other = own(others, name);
      if (other === undefined) {
        return [];
      }
      return [[name, isObject(value) && isObject(other) ? common(value, other) : value] as const];
    }),
  );
}

/** The fields of a container that are not in the template, and so were added by the injector or another webhook. */
function added({ placement, fields }: SidecarContainer, written: Fields): SidecarContainer {
  return { placement, fields: subtracted(fields, written) };
}

function subtracted(fields: Fields, written: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => {
      const before = own(written, name);
      if (before === undefined) {
        return isEmpty(value) ? [] : [[name, value] as const];
      }
      const rest = isObject(value) && isObject(before) ? subtracted(value, before) : {};
      return isEmpty(rest) ? [] : [[name, rest] as const];
    }),
  );
}

function isEmpty(value: unknown): boolean {
  return isObject(value) && Object.keys(value).length === 0;
}

/** The value, with empty objects added where only the other value has an object. */
function withObjectsOf(other: unknown, value: unknown): unknown {
  if (!isObject(other) || !(value === undefined || isObject(value))) {
    return value;
  }
  const missing = Object.entries(other).flatMap(([key, item]) => {
    const inner = withObjectsOf(item, value && own(value, key));
    return inner === undefined ? [] : [[key, inner] as const];
  });
  return { ...value, ...Object.fromEntries(missing) };
}
