import { groupBy } from '../../group-by';
import { coversHost, fullHost, namespaceOfHost } from '../host-matching';
import type { Labels } from '../labels';
import type { Mesh } from './mesh';
import type { MeshObject } from './mesh-object';
import { once } from '../../once';
import { perMesh } from './per-mesh';
import { serviceEntriesFor } from './service-entries';
import { fieldsAt, textAt, textFields, textsAt } from './spec-fields';
import { includesNamespace, isExportedToAll, seenIn } from './visibility';

/** DestinationRules that Istio merges for some of the clients in a namespace. */
export interface RuleSet {
  readonly rules: readonly MeshObject[];

  /** Labels of the clients; undefined for the clients that no other set of the namespace selects. */
  readonly selector?: Labels;
}

/** Istio's root namespace, unless it is changed. */
const DEFAULT_ROOT = 'istio-system';

/** The DestinationRules of a mesh. */
export const destinationRules = perMesh((mesh) => new DestinationRules(mesh));

/** The DestinationRules of a mesh, and which of them clients use. */
export class DestinationRules {
  private readonly byHost: ReadonlyMap<string, readonly MeshObject[]>;
  private readonly wildcards: readonly MeshObject[];
  private readonly root: string;

  constructor(private readonly mesh: Mesh) {
    this.root = mesh.rootNamespace ?? DEFAULT_ROOT;
    const isWildcard = (rule: MeshObject) => hostOf(rule).startsWith('*');
    const rules = mesh.ofKind('DestinationRule');
    this.wildcards = rules.filter(isWildcard);
    this.byHost = groupBy(
      rules.filter((rule) => !isWildcard(rule)),
      hostOf,
    );
  }

  /** The rules for exactly a host. */
  forHost(host: string): readonly MeshObject[] {
    return this.byHost.get(host) ?? [];
  }

  /** The namespaces with rules for a host, except for the root namespace, whose rules are for all clients. */
  namespacesWithRules(host: string): readonly string[] {
    return [...new Set(this.covering(host).map(({ namespace }) => namespace))].filter((name) => name !== this.root);
  }

  /**
   * The namespaces, besides the root namespace, whose rules for a host apply to clients in all namespaces. They are
   * those of the Service and of the ServiceEntries for the host; none if they are not known.
   */
  homesOf(host: string): readonly string[] {
    const entries = serviceEntriesFor(this.mesh, host).map(({ namespace }) => namespace);
    return [namespaceOfHost(host) ?? '', ...entries].filter((namespace) => namespace !== '');
  }

  /** Whether the namespace of a rule for a host is one whose rules apply to clients in all namespaces. */
  appliesElsewhere({ namespace }: MeshObject, host: string): boolean {
    return namespace === this.root || namespaceOfHost(host) === namespace || this.homesOf(host).includes(namespace);
  }

  /**
   * The rules that the clients in a namespace use for a host. Istio looks for rules in the namespace of the client, in
   * that of the host, and in the root namespace, and uses only the most specific ones of the first namespace that has
   * any.
   *
   * @param client the namespace; empty for any namespace that has no rules of its own
   * @returns the sets of rules, of which each client uses one; none if the namespace of the host is not known
   */
  usedIn(host: string, client: string): readonly RuleSet[] {
    const rules = this.covering(host);
    const own = rules.filter((rule) => rule.namespace === client);
    const local = mostSpecific(
      own.filter((rule) => this.isPrivate(rule) || (client !== this.root && this.isExportedTo(rule, client))),
    );
    if (local.length > 0) return setsOf(local);
    const homes = this.homesOf(host);
    if (homes.length === 0) return [];
    for (const places of [homes, [this.root]]) {
      const found = mostSpecific(rules.filter((rule) => places.includes(rule.namespace) && !this.isPrivate(rule)));
      const visible = found.filter((rule) => this.isExportedTo(rule, client));
      if (visible.length > 0) return [{ rules: visible }];
    }
    return [{ rules: [] }];
  }

  /**
   * Hosts for which clients may use different rules. Contains only hosts that a rule names without a wildcard.
   */
  varyingHosts(): ReadonlySet<string> {
    const hosts = new Set<string>();
    for (const [host, rules] of this.byHost) {
      const isSameForAll =
        rules.length === 1 &&
        rules.every((rule) => this.isForAll(rule, host)) &&
        !this.wildcards.some((wildcard) => coversHost(hostOf(wildcard), host));
      if (!isSameForAll) hosts.add(host);
    }
    return hosts;
  }

  /** Whether a rule is for clients everywhere. */
  private isForAll(rule: MeshObject, host: string): boolean {
    return (
      rule.spec.workloadSelector === undefined && isExportedToAll(this.mesh, rule) && this.appliesElsewhere(rule, host)
    );
  }

  private covering(host: string): readonly MeshObject[] {
    return [...this.forHost(host), ...this.wildcards.filter((rule) => coversHost(hostOf(rule), host))];
  }

  /** Whether a rule is only for clients in its own namespace. Istio never exports rules with a selector. */
  private isPrivate(rule: MeshObject): boolean {
    const [first, ...others] = seenIn(this.mesh, rule);
    return selectorOf(rule) !== undefined || (others.length === 0 && first === rule.namespace);
  }

  private isExportedTo(rule: MeshObject, client: string): boolean {
    return includesNamespace(seenIn(this.mesh, rule), client);
  }
}

/** The host of a DestinationRule in its full form. */
export const hostOf = once(({ spec, namespace }: MeshObject): string =>
  fullHost(textAt(spec, 'host') ?? '', namespace),
);

/** Labels of the clients to which a rule applies; undefined if to all. */
function selectorOf({ spec }: MeshObject): Labels | undefined {
  if (spec.workloadSelector === undefined) return undefined;
  return textFields(fieldsAt(fieldsAt(spec, 'workloadSelector'), 'matchLabels'));
}

function mostSpecific(rules: readonly MeshObject[]): readonly MeshObject[] {
  const hosts = rules.map(hostOf);
  const exact = hosts.find((host) => !host.startsWith('*'));
  const best = exact ?? [...hosts].sort((one, other) => other.length - one.length)[0];
  return rules.filter((rule) => hostOf(rule) === best);
}

/** The sets into which Istio merges the rules of a namespace for its own clients. */
function setsOf(rules: readonly MeshObject[]): readonly RuleSet[] {
  const plain = rules.filter((rule) => selectorOf(rule) === undefined);
  const selected = new Map<string, RuleSet>();
  for (const rule of rules) {
    const selector = selectorOf(rule);
    if (!selector) continue;
    const key = Object.entries(selector)
      .map(([name, value]) => `${name}=${value}`)
      .sort()
      .join();
    // Istio merges rules with equal exportTo. The exportTo of a rule with a selector counts as '.'.
    const known = selected.get(key)?.rules ?? plain.filter(({ spec }) => textsAt(spec, 'exportTo').includes('.'));
    selected.set(key, { rules: [rule, ...known], selector });
  }
  return [...selected.values(), { rules: plain }];
}
