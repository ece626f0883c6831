import { coversHost, fullHost } from '../../mesh/host-matching';
import { listAt, textsAt } from '../../mesh/checks/spec-fields';
import { Destinations } from './destinations';
import { MESH, entryOf } from './gateway-entry';
import type { GraphEdge, GraphNode, TrafficGraph } from './graph-model';
import { HostIndex } from './host-index';
import { isEntry } from './is-entry';
import { namespaceDetails } from './namespace-details';
import { routeEdges, type Step } from './route-edges';
import { TrafficObjects, type TrafficObject, type TrafficSource } from './traffic-objects';

export interface TrafficGraphOptions {
  /**
   * Whether the input contains all objects of a namespace. An object that is missing in the input then does not exist
   * in the cluster. Called with an empty name for objects whose namespace is unknown.
   *
   * @default - false for all namespaces: missing objects may exist elsewhere
   */
  readonly isComplete?: (namespace: string) => boolean;

  /**
   * The namespace whose policies apply to the whole mesh; empty if it is unknown.
   *
   * @default 'istio-system'
   */
  readonly rootNamespace?: string;
}

/**
 * Where requests go, according to VirtualServices, DestinationRules, Gateways and ServiceEntries. Namespaces,
 * PeerAuthentications, Services and workloads add details. Ignores all other objects.
 *
 * @returns the same graph for the same objects in any order, unless several have the same kind, namespace and name
 */
export function trafficGraph(sources: readonly TrafficSource[], options: TrafficGraphOptions = {}): TrafficGraph {
  const { isComplete = () => false, rootNamespace = 'istio-system' } = options;
  return new GraphBuilder(new TrafficObjects(sources), isComplete, rootNamespace).build();
}

class GraphBuilder {
  private readonly nodes = new Map<string, GraphNode>();
  private readonly edges: GraphEdge[] = [];
  private readonly destinations: Destinations;

  constructor(
    private readonly objects: TrafficObjects,
    private readonly isComplete: (namespace: string) => boolean,
    private readonly rootNamespace: string,
  ) {
    this.destinations = new Destinations(objects, isComplete);
  }

  build(): TrafficGraph {
    const services = this.objects.ofKind('VirtualService');
    for (const gateway of this.objects.ofKind('Gateway')) this.add(entryOf(gateway));
    for (const service of services.filter(hasHosts)) this.addHosts(service);
    for (const service of services.filter((one) => !hasHosts(one))) {
      this.addRules(service, this.addDelegate(service.namespace, service.name));
    }
    this.addDeclared(services);
    const reached = new Set(this.edges.map(({ to }) => to));
    const left = new Set(this.edges.map(({ from }) => from));
    const nodes = [...this.nodes.values()]
      .map((node) => withLoneliness(node, reached.has(node.id), left.has(node.id)))
      .sort((one, other) => (one.id < other.id ? -1 : 1));
    const drawn = new Set(nodes.flatMap(({ namespace }) => namespace ?? []));
    return {
      namespaces: [...drawn]
        .sort()
        .map((name) => ({ name, details: namespaceDetails(name, this.objects, this.rootNamespace) })),
      nodes,
      edges: this.edges,
    };
  }

  private addHosts(service: TrafficObject): void {
    const hosts = textsAt(service.spec, 'hosts').map((host) => fullHost(host, service.namespace));
    const id = `host:${service.namespace}/${service.name}`;
    const [title = '', ...others] = hosts.map((host) => shortName(host, service.namespace));
    const exported = textsAt(service.spec, 'exportTo').map((one) => (one === '.' ? service.namespace : one));
    this.add({
      id,
      kind: 'host',
      title,
      details: [
        ...others,
        `VirtualService ${service.name}`,
        ...(exported.length === 0 || exported.includes('*') ? [] : [`exported to ${exported.join(', ')}`]),
      ],
      namespace: service.namespace,
      definedBy: [service.title],
    });
    for (const gateway of new Set(gatewaysOf(service.spec))) {
      this.addEntry(gateway, service, hosts, id);
    }
    this.addRules(service, id);
  }

  private addEntry(gateway: string, service: TrafficObject, hosts: readonly string[], to: string): void {
    if (gateway === MESH.id) {
      this.add(MESH);
      this.connect(MESH.id, to);
      return;
    }
    const [name = '', namespace = service.namespace] = gateway.split('/').reverse();
    const object = this.objects.find('Gateway', namespace, name);
    const node = object
      ? entryOf(object)
      : entryOf({ name, namespace, title: '', spec: {} }, this.missing('Gateway', namespace));
    this.add(node);
    this.connect(
      node.id,
      to,
      object && !takes(object, service.namespace, hosts) ? 'the gateway accepts none of these hosts' : undefined,
    );
  }

  private addRules(service: TrafficObject, from: string): void {
    for (const { target, ...edge } of routeEdges(service)) {
      this.edges.push({ from, to: this.nodeOf(target, service), ...edge });
    }
  }

  private nodeOf(step: Step, service: TrafficObject): string {
    if (step.kind === 'destination') {
      return this.add(this.destinations.nodeOf(fullHost(step.host, service.namespace), step.subset));
    }
    if (step.kind === 'delegate') return this.addDelegate(step.namespace, step.name);
    return this.add({
      id: `${step.kind}:${service.namespace}/${service.name}/${String(step.rule)}`,
      kind: step.kind,
      title: step.title,
      details: step.details,
      namespace: service.namespace,
      definedBy: [service.title],
    });
  }

  private addDelegate(namespace: string, name: string): string {
    const id = `delegate:${namespace}/${name}`;
    const object = this.objects.find('VirtualService', namespace, name);
    const isRefused = object !== undefined && hasHosts(object);
    const { details, problem } = !object
      ? this.missing('VirtualService', namespace)
      : { details: [], problem: isRefused ? 'has hosts, so no VirtualService can delegate to it' : undefined };
    return this.add({
      id,
      kind: 'delegate',
      title: name,
      details: [isRefused ? 'VirtualService' : 'VirtualService without hosts', ...details],
      namespace,
      definedBy: object ? [object.title] : [],
      ...(problem === undefined ? {} : { problem }),
    });
  }

  /**
   * Adds hosts of DestinationRules and ServiceEntries. Without a VirtualService, sidecars send requests there directly.
   */
  private addDeclared(services: readonly TrafficObject[]): void {
    const routed = services
      .filter(({ spec }) => gatewaysOf(spec).includes(MESH.id))
      .flatMap(({ spec, namespace }) =>
        textsAt(spec, 'hosts').map((host) => [fullHost(host, namespace), true] as const),
      );
    const index = new HostIndex(routed);
    for (const [host, subsets] of this.destinations.declared()) {
      if (index.of(host).length === 0) {
        this.add(MESH);
        this.connect(MESH.id, this.add(this.destinations.nodeOf(host)));
      }
      for (const subset of subsets) this.add(this.destinations.nodeOf(host, subset));
    }
  }

  private connect(from: string, to: string, problem?: string): void {
    this.edges.push({ from, to, kind: 'entry', match: [], notes: [], faults: [], ...(problem ? { problem } : {}) });
  }

  private add(node: GraphNode): string {
    if (!this.nodes.has(node.id)) this.nodes.set(node.id, node);
    return node.id;
  }

  /** Details or the problem of an object that is referenced, but missing in the input. */
  private missing(kind: string, namespace: string): { readonly details: readonly string[]; readonly problem?: string } {
    return this.isComplete(namespace)
      ? { details: [], problem: `this ${kind} does not exist` }
      : { details: [`its ${kind} is not in the input`] };
  }
}

/** Without gateways, a VirtualService applies to the sidecars. */
function gatewaysOf(spec: TrafficObject['spec']): readonly string[] {
  const gateways = textsAt(spec, 'gateways');
  return gateways.length > 0 ? gateways : [MESH.id];
}

function hasHosts({ spec }: TrafficObject): boolean {
  return textsAt(spec, 'hosts').length > 0;
}

function shortName(host: string, namespace: string): string {
  const ending = `.${namespace}.svc.cluster.local`;
  return host.endsWith(ending) && !host.startsWith('*') ? host.slice(0, -ending.length) : host;
}

/** Whether a server of the Gateway accepts one of the hosts for a VirtualService in the namespace. */
function takes(gateway: TrafficObject, namespace: string, hosts: readonly string[]): boolean {
  return listAt(gateway.spec, 'servers')
    .flatMap((server) => textsAt(server, 'hosts'))
    .some((taken) => {
      const [name = '', place = '*'] = taken.split('/').reverse();
      const isOpen = place === '*' || (place === '.' ? gateway.namespace : place) === namespace;
      return isOpen && hosts.some((host) => coversHost(name, host) || coversHost(host, name));
    });
}

function withLoneliness(node: GraphNode, isReached: boolean, isLeft: boolean): GraphNode {
  if (isEntry(node) ? isLeft : isReached) return node;
  return {
    ...node,
    details: [...node.details, isEntry(node) ? 'no VirtualService is bound to it' : 'no route leads here'],
  };
}
