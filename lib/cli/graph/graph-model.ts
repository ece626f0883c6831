/** What a node stands for. */
export type NodeKind =
  /** All sidecars: the entry of requests from within the mesh. */
  | 'mesh'
  | 'ingress'
  | 'egress'
  /** The hosts of a VirtualService, whose rules lead on from here. */
  | 'host'
  /** A VirtualService without hosts, to which others delegate. */
  | 'delegate'
  /** A destination in the mesh: all endpoints of a host. */
  | 'service'
  /** A destination in the mesh: the endpoints of a host with certain labels. */
  | 'subset'
  /** A destination outside of the mesh. */
  | 'outside'
  /** The answer that sends a client elsewhere. */
  | 'redirect'
  /** A direct response of the proxy. */
  | 'response';

export interface GraphNode {
  /** Depends on what the node stands for alone, not on the rest of the graph. */
  readonly id: string;
  readonly kind: NodeKind;
  /** What it is called where its namespace is known. */
  readonly title: string;
  /** What else there is to know, a line each. */
  readonly details: readonly string[];
  /** Whose box it is drawn in; for gateways, where they are. */
  readonly namespace?: string;
  /** The full name of the host, of destinations. */
  readonly host?: string;
  /** The objects that say so, such as `VirtualService shop/reviews`. */
  readonly definedBy: readonly string[];
  /** Why requests do not arrive here. */
  readonly problem?: string;
}

export type EdgeKind =
  /** Requests for hosts arrive at an entry. */
  | 'entry'
  | 'route'
  /** Copies, whose answers nobody reads. */
  | 'mirror'
  | 'delegate'
  | 'redirect'
  | 'response';

export type Protocol = 'HTTP' | 'TLS' | 'TCP';

export interface GraphEdge {
  /** Ids of nodes. */
  readonly from: string;
  readonly to: string;
  readonly kind: EdgeKind;
  /** Of all but entries. */
  readonly protocol?: Protocol;
  /** The rule's place among those of its VirtualService and protocol, counted from 1: the first that matches is used. */
  readonly rule?: number;
  /** Conditions, any of which is enough; none for all requests. */
  readonly match: readonly string[];
  /** The share of the rule's requests, where it is shared out, or of what is mirrored. */
  readonly percent?: number;
  /** Timeouts, retries, rewrites, the port. */
  readonly notes: readonly string[];
  /** Faults that are injected on purpose. */
  readonly faults: readonly string[];
  /** Why no request takes it. */
  readonly problem?: string;
}

export interface GraphNamespace {
  readonly name: string;
  /** Whether pods get sidecars, and which mutual TLS they ask for. */
  readonly details: readonly string[];
}

/** Where requests in a mesh go, by its configuration. */
export interface TrafficGraph {
  readonly namespaces: readonly GraphNamespace[];
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}
