import type { ApiObject } from 'cdk8s';
import { definedFields } from '../fields';
import { GATEWAY_API } from './gateway-api-group';
import { namespaceName, type NamespaceReference } from '../namespaces/namespace-reference';
import { serviceKindProblem, serviceName, type ServiceReference } from '../namespaces/service-reference';
import { wholeNumberProblem } from '../number-range';
import { labelNameProblem, objectNameProblem } from '../object-name';
import { listLimitProblem } from '../size-limit';
import { ServiceEntry } from '../traffic/service-entry';

/** Options of {@link RouteParent.service}. */
export interface ServiceParentOptions {
  /**
   * The namespace of the Service, as the construct or by name. Routes in another namespace apply only to clients in
   * their own namespace.
   *
   * @default - the namespace of the Service object, otherwise of the route
   */
  readonly namespace?: NamespaceReference;

  /**
   * Port of the Service to which the routes apply.
   *
   * @default - all ports
   */
  readonly port?: number;
}

/** Options of {@link RouteParent.serviceEntry}. */
export type ServiceEntryParentOptions = Pick<ServiceParentOptions, 'port'>;

/** Options of {@link RouteParent.gateway}. */
export interface GatewayParentOptions {
  /**
   * Name of the only listener to which the routes apply.
   *
   * @default - all listeners that accept routes of this kind, namespace and hostnames
   */
  readonly listener?: string;

  /**
   * Port of the listeners to which the routes apply.
   *
   * @default - all ports
   */
  readonly port?: number;
}

/** A Gateway or ListenerSet of the Gateway API, or a ServiceEntry, by name. */
export interface ParentName {
  /** Name of the object. */
  readonly name: string;

  /**
   * Namespace of the object, as the construct or by name.
   *
   * @default - the route's namespace
   */
  readonly namespace?: NamespaceReference;
}

/** The object to which a {@link RouteParent} refers. */
export interface ParentReference {
  readonly kind: 'Service' | 'ServiceEntry' | 'Gateway' | 'ListenerSet';
  readonly name: string;

  /**
   * Namespace of the object.
   *
   * @default - the route's namespace
   */
  readonly namespace?: string;

  /**
   * Port of the object.
   *
   * @default - all
   */
  readonly port?: number;

  /**
   * The listener of a Gateway or ListenerSet.
   *
   * @default - all
   */
  readonly listener?: string;
}

const GROUPS: Readonly<Record<ParentReference['kind'], string>> = {
  Service: '',
  ServiceEntry: 'networking.istio.io',
  Gateway: GATEWAY_API,
  ListenerSet: GATEWAY_API,
};

/**
 * The parent of a route: a Service, for requests from sidecars, or a Gateway. The route applies to its requests.
 *
 * @see https://gateway-api.sigs.k8s.io/reference/spec/#parentreference
 */
export class RouteParent {
  /** The requests that clients in the mesh send to a Service, which their sidecars route. */
  static service(service: ServiceReference, { namespace, port }: ServiceParentOptions = {}): RouteParent {
    const own = typeof service === 'string' ? undefined : service.metadata.namespace;
    const place = namespace === undefined ? own : namespaceName(namespace);
    return new RouteParent({ kind: 'Service', name: serviceName(service), namespace: place, port }, service);
  }

  /** The requests that clients in the mesh send to the hosts of a ServiceEntry. */
  static serviceEntry(entry: ServiceEntry | ParentName, { port }: ServiceEntryParentOptions = {}): RouteParent {
    const { name, namespace } =
      entry instanceof ServiceEntry ? nameOf(entry.serviceEntryObject) : { namespace: undefined, ...entry };
    const place = namespace === undefined ? undefined : namespaceName(namespace);
    return new RouteParent({ kind: 'ServiceEntry', name, namespace: place, port });
  }

  /** The requests that come through a Gateway of the Gateway API, such as a `KubernetesGateway`. */
  static gateway(gateway: ParentName, { listener, port }: GatewayParentOptions = {}): RouteParent {
    const { name, namespace } = gateway;
    const place = namespace === undefined ? undefined : namespaceName(namespace);
    return new RouteParent({ kind: 'Gateway', name, namespace: place, port, listener });
  }

  /**
   * The requests that come through the listeners that a ListenerSet adds to a Gateway. The Gateway must allow them
   * (`allowedListeners`).
   */
  static listenerSet(set: ParentName, { listener, port }: GatewayParentOptions = {}): RouteParent {
    const place = set.namespace === undefined ? undefined : namespaceName(set.namespace);
    return new RouteParent({ kind: 'ListenerSet', name: set.name, namespace: place, port, listener });
  }

  private constructor(
    /** The object to which the parent refers. */
    readonly reference: ParentReference,
    private readonly given: ServiceReference = reference.name,
  ) {}

  /** Whether sidecars, not a gateway, apply the routes. */
  get isMesh(): boolean {
    return this.reference.kind === 'Service' || this.reference.kind === 'ServiceEntry';
  }

  /** The parent as an entry of the `parentRefs` of a route in a namespace. */
  render(routeNamespace: string): Readonly<Record<string, unknown>> {
    const { kind, name, namespace, port, listener } = this.reference;
    return definedFields({
      ...(kind === 'Gateway' ? {} : { group: GROUPS[kind], kind }),
      name,
      namespace: namespace === routeNamespace ? undefined : namespace,
      sectionName: listener,
      port,
    });
  }

  /** The problems with the reference, one sentence each. */
  problems(at: string): string[] {
    const { kind, name, namespace, port, listener } = this.reference;
    const named =
      kind === 'Service' ? labelNameProblem(`${at} Service`, name) : objectReferenceProblem(`${at} ${kind}`, name);
    return [
      ...serviceKindProblem(at, this.given),
      ...named,
      ...(namespace === undefined ? [] : labelNameProblem(`${at} namespace`, namespace)),
      ...wholeNumberProblem(`${at} port`, port, 1, 65535),
      ...(listener === undefined ? [] : objectReferenceProblem(`${at} listener`, listener)),
    ];
  }
}

function nameOf({ name, metadata }: ApiObject): ParentName {
  return { name, namespace: metadata.namespace };
}

function objectReferenceProblem(what: string, name: string): string[] {
  return objectNameProblem(name).length === 0
    ? []
    : [`${what} '${name}' is not a valid name: write lower-case letters, digits, hyphens and dots`];
}

const MAX_PARENTS = 32;

function title({ reference: { kind, name, namespace } }: RouteParent, routeNamespace: string): string {
  return `${kind} '${namespace ?? routeNamespace}/${name}'`;
}

/** The problems with a route's parents, one sentence each. */
export function parentProblems(parents: readonly RouteParent[], routeNamespace: string): string[] {
  if (parents.length === 0) return ['parents is empty: name at least one, such as RouteParent.service(…)'];
  const keys = parents.map(({ reference: { kind, name, namespace = routeNamespace, listener = '' } }) =>
    [kind, namespace, name, listener].join(' '),
  );
  const wholes = parents.map(({ reference: { kind, name, namespace = routeNamespace } }) =>
    [kind, namespace, name].join(' '),
  );
  const lists = parents.map((parent, index) => {
    const at = `parents[${String(index)}]`;
    const same = keys.indexOf(keys[index] ?? '');
    const whole = wholes.findIndex(
      (other, number) =>
        number < index &&
        other === wholes[index] &&
        (parents[number]?.reference.listener === undefined) !== (parent.reference.listener === undefined),
    );
    return [
      ...parent.problems(at),
      ...(same < index
        ? [
            `${at} is ${title(parent, routeNamespace)}, and so is parents[${String(same)}]: write one of them in a separate route`,
          ]
        : []),
      ...(whole >= 0
        ? [
            `${at} and parents[${String(whole)}] refer to the same ${parent.reference.kind}: name a listener in both, or leave out one of them`,
          ]
        : []),
    ];
  });
  return [
    ...listLimitProblem('parents', parents, MAX_PARENTS, ', and put the others into further routes'),
    ...lists.flat(),
  ];
}
