/** What a node stands for. */
export type NodeKind =
  /** All sidecars: the entry of requests from within the mesh. */
  | 'mesh'
  | 'ingress'
  | 'egress'
  /** The hosts of a VirtualService. Its rules lead from here to destinations. */
  | 'host'
  /** A VirtualService that has no hosts, and that others delegate to. */
  | 'delegate'
  /** A destination in the mesh: all endpoints of a host. */
  | 'service'
  /** A destination in the mesh: the endpoints of a host with certain labels. */
  | 'subset'
  /** A destination outside the mesh. */
  | 'outside'
  /** A redirect of the client. */
  | 'redirect'
  /** A direct response of the proxy. */
  | 'response';

export interface GraphNode {
  /** Depends only on the node itself, not on the rest of the graph. */
  readonly id: string;
  readonly kind: NodeKind;
  /** The name within the namespace. */
  readonly title: string;
  /** Further information, one line each. */
  readonly details: readonly string[];
  /**
   * The namespace of the node. The graph is drawn in parts, one for each namespace. A node is drawn in the part of its
   * namespace, and in every other part that contains one of its edges. An entry with edges is drawn only in the parts
   * that contain them.
   */
  readonly namespace?: string;
  /** The full name of the host; only for destinations. */
  readonly host?: string;
  /** The objects that define the node, such as `VirtualService shop/reviews`. */
  readonly definedBy: readonly string[];
  /** Why requests do not arrive here. */
  readonly problem?: string;
}

export type EdgeKind =
  /** From an entry, where requests arrive, to the hosts that they are for. */
  | 'entry'
  | 'route'
  /** Mirrored requests, whose responses are ignored. */
  | 'mirror'
  | 'delegate'
  | 'redirect'
  | 'response';

export type Protocol = 'HTTP' | 'TLS' | 'TCP';

export interface GraphEdge {
  /** Id of the node where the edge starts. */
  readonly from: string;
  readonly to: string;
  readonly kind: EdgeKind;
  /** The protocol; for all edges except entries. */
  readonly protocol?: Protocol;
  /**
   * The position of the rule among those of its VirtualService and protocol, from 1. The first matching rule applies.
   */
  readonly rule?: number;
  /** Alternative conditions; empty if all requests match. */
  readonly match: readonly string[];
  /** The percentage of the rule's requests, if they are split or mirrored. */
  readonly percent?: number;
  /** Timeouts, retries, rewrites, the port. */
  readonly notes: readonly string[];
  /** Injected faults. */
  readonly faults: readonly string[];
  /** Why no request takes this edge. */
  readonly problem?: string;
}

export interface GraphNamespace {
  readonly name: string;
  /** Whether pods get sidecars, and their mutual TLS mode. */
  readonly details: readonly string[];
}

/** Where requests in a mesh go, according to its configuration. */
export interface TrafficGraph {
  readonly namespaces: readonly GraphNamespace[];
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}
