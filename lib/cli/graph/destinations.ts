import { fullHost, namespaceOfHost } from '../../mesh/host-matching';
import { fieldsAt, listAt, textAt, textsAt } from '../../mesh/checks/spec-fields';
import type { GraphNode } from './graph-model';
import { HostIndex } from './host-index';
import { labels } from './match-summary';
import { scalarText } from './scalar-text';
import { WORKLOAD_KINDS, type TrafficObject, type TrafficObjects } from './traffic-objects';

type Fields = Readonly<Record<string, unknown>>;

interface HostRule {
  readonly rule: TrafficObject;
  readonly host: string;
}

/** Resolves the hosts that requests go to, and finds those that do not exist. */
export class Destinations {
  private readonly rules: HostIndex<HostRule>;
  private readonly entries: HostIndex<TrafficObject>;
  private readonly workloads: readonly { readonly namespace: string; readonly labels: Fields }[];
  private readonly namespaces: ReadonlySet<string>;

  /** @param isComplete whether the input contains all objects of a namespace, so others do not exist */
  constructor(
    private readonly objects: TrafficObjects,
    private readonly isComplete: (namespace: string) => boolean,
  ) {
    this.rules = new HostIndex(
      objects.ofKind('DestinationRule').map((rule) => {
        const host = fullHost(textAt(rule.spec, 'host') ?? '', rule.namespace);
        return [host, { rule, host }] as const;
      }),
    );
    this.entries = new HostIndex(
      objects
        .ofKind('ServiceEntry')
        .flatMap((entry) => textsAt(entry.spec, 'hosts').map((host) => [host, entry] as const)),
    );
    this.workloads = WORKLOAD_KINDS.flatMap((kind) =>
      objects.ofKind(kind).map((object) => ({ namespace: object.namespace, labels: podLabels(object) })),
    );
    this.namespaces = new Set([
      ...objects.ofKind('Namespace').map(({ name }) => name),
      ...['VirtualService', 'Service'].flatMap((kind) => objects.ofKind(kind).map(({ namespace }) => namespace)),
    ]);
  }

  /** The node for a host or one of its subsets. */
  nodeOf(host: string, subset?: string): GraphNode {
    const [entry] = this.entries.of(host);
    const isOutside = entry ? isExternal(entry) : namespaceOfHost(host) === undefined;
    const namespace = isOutside ? undefined : (namespaceOfHost(host) ?? entry?.namespace);
    const rules = this.rules.of(host);
    const found = subset === undefined ? undefined : findSubset(rules, subset);
    const problem =
      this.problemOf(host, entry) ??
      (subset === undefined
        ? undefined
        : found
          ? this.subsetProblem(host, fieldsAt(found.subset, 'labels'))
          : 'no DestinationRule defines this subset');
    const trafficPolicies = [...rules.map(({ rule }) => rule.spec), ...(found ? [found.subset] : [])].map((holder) =>
      fieldsAt(holder, 'trafficPolicy'),
    );
    return {
      id: subset === undefined ? `${isOutside ? 'outside' : 'service'}:${host}` : `subset:${host}/${subset}`,
      kind: subset !== undefined ? 'subset' : isOutside ? 'outside' : 'service',
      title: titleOf(host, namespace),
      details: [
        ...(subset === undefined ? [] : [`subset ${subset}`]),
        ...(found ? [labels(fieldsAt(found.subset, 'labels')).join(', ')].filter(Boolean) : []),
        ...(entry && subset === undefined ? portTexts(entry) : []),
        ...policyTexts(trafficPolicies),
      ],
      ...(namespace === undefined ? {} : { namespace }),
      host,
      definedBy: [
        ...(entry ? [entry.title] : []),
        ...(found ? [found.rule.title] : rules.map(({ rule }) => rule.title)),
      ],
      ...(problem === undefined ? {} : { problem }),
    };
  }

  /** The hosts that DestinationRules and ServiceEntries define, with their subsets. */
  declared(): ReadonlyMap<string, readonly string[]> {
    const hosts = new Map<string, string[]>();
    for (const [host, { rule }] of this.rules.all) {
      if (host.startsWith('*') || host === '') continue;
      const known = hosts.get(host) ?? [];
      hosts.set(host, known);
      for (const subset of listAt(rule.spec, 'subsets')) {
        const name = textAt(subset, 'name');
        if (name !== undefined && !known.includes(name)) known.push(name);
      }
    }
    for (const [host] of this.entries.all) if (!hosts.has(host)) hosts.set(host, []);
    return hosts;
  }

  private problemOf(host: string, entry: TrafficObject | undefined): string | undefined {
    if (entry) return undefined;
    const namespace = namespaceOfHost(host);
    const [name = '', second = '', ...more] = host.split('.');
    if (namespace === undefined) {
      const isShort = more.length === 0 || (more.length === 1 && more[0] === 'svc');
      if (isShort && this.namespaces.has(second)) {
        return `Istio does not complete names with dots: write ${name}.${second}.svc.cluster.local`;
      }
      return this.isComplete('') ? 'no ServiceEntry has this host' : undefined;
    }
    const service = this.objects.find('Service', namespace, name);
    if (!service) return this.isComplete(namespace) ? `no Service ${name} in namespace ${namespace}` : undefined;
    const selector = fieldsAt(service.spec, 'selector');
    return this.hasWorkload(namespace, selector) ? undefined : `no workload has ${labels(selector).join(', ')}`;
  }

  private subsetProblem(host: string, subsetLabels: Fields): string | undefined {
    const namespace = namespaceOfHost(host);
    const service = namespace && this.objects.find('Service', namespace, host.split('.')[0] ?? '');
    if (!service) return undefined;
    const selector = fieldsAt(service.spec, 'selector');
    return this.hasWorkload(service.namespace, selector, { ...selector, ...subsetLabels })
      ? undefined
      : `no workload has ${labels(subsetLabels).join(', ')}`;
  }

  /** Whether a workload has the wanted labels. Also true if this is unknown, or if the selector is empty. */
  private hasWorkload(namespace: string, selector: Fields, wanted: Fields = selector): boolean {
    const there = this.workloads.filter((workload) => workload.namespace === namespace);
    const isKnown = there.length > 0 || this.isComplete(namespace);
    return (
      !isKnown ||
      Object.keys(selector).length === 0 ||
      there.some((workload) => Object.entries(wanted).every(([name, value]) => workload.labels[name] === value))
    );
  }
}

function findSubset(
  rules: readonly HostRule[],
  name: string,
): { readonly rule: TrafficObject; readonly subset: Fields } | undefined {
  for (const { rule } of rules) {
    const subset = listAt(rule.spec, 'subsets').find((one) => textAt(one, 'name') === name);
    if (subset) return { rule, subset };
  }
  return undefined;
}

function podLabels({ kind, labels: own, spec }: TrafficObject): Fields {
  if (kind === 'Pod') return own;
  return kind === 'WorkloadEntry'
    ? { ...own, ...fieldsAt(spec, 'labels') }
    : fieldsAt(fieldsAt(fieldsAt(spec, 'template'), 'metadata'), 'labels');
}

function isExternal({ spec }: TrafficObject): boolean {
  return spec.location !== 'MESH_INTERNAL';
}

function titleOf(host: string, namespace: string | undefined): string {
  return namespace !== undefined && namespaceOfHost(host) === namespace ? (host.split('.')[0] ?? host) : host;
}

function portTexts({ spec }: TrafficObject): readonly string[] {
  const ports = listAt(spec, 'ports').map(
    ({ number, protocol }) => `${scalarText(protocol) || 'TCP'} ${scalarText(number)}`,
  );
  return ports.length === 0 ? [] : [ports.join(', ')];
}

/** `policies` begins with the policy of the host. The policy of a subset comes after it, and overrides its fields. */
function policyTexts(policies: readonly Fields[]): readonly string[] {
  const { tls, outlierDetection, connectionPool, loadBalancer } = Object.assign({}, ...policies) as Fields;
  const mode = textAt(fieldsAt({ tls }, 'tls'), 'mode');
  const { simple, consistentHash } = fieldsAt({ loadBalancer }, 'loadBalancer');
  return [
    ...(mode === undefined ? [] : [`client TLS ${mode}`]),
    ...(outlierDetection === undefined && connectionPool === undefined ? [] : ['circuit breaker']),
    ...(typeof simple === 'string' ? [simple] : consistentHash === undefined ? [] : ['consistent hash']),
  ];
}
