import { coversHost, fullHost, namespaceOfHost } from '../host-matching';
import type { Labels } from '../labels';
import type { Mesh } from './mesh';
import type { MeshObject } from './mesh-object';
import { fieldsAt, textAt, textFields, textsAt } from './spec-fields';

/** DestinationRules that Istio merges for some of the clients in a namespace. */
export interface RuleSet {
  readonly rules: readonly MeshObject[];

  /** Labels of the clients; undefined for the clients that no other set of the namespace selects. */
  readonly selector?: Labels;

  /** Whether rules outside the app hardly replace them: they are in the clients' namespace, or for exactly the host. */
  readonly isCertain: boolean;
}

/** Istio's root namespace, unless it is changed. */
const DEFAULT_ROOT = 'istio-system';

/** The DestinationRules of a mesh, and which of them clients use. */
export class DestinationRules {
  private readonly byHost = new Map<string, MeshObject[]>();
  private readonly wildcards: MeshObject[] = [];
  private readonly entries = new Map<string, string[]>();
  private readonly root: string;

  constructor(mesh: Mesh) {
    this.root = mesh.rootNamespace ?? DEFAULT_ROOT;
    for (const rule of mesh.ofKind('DestinationRule')) {
      const host = hostOf(rule);
      if (host.startsWith('*')) this.wildcards.push(rule);
      else this.byHost.set(host, [...(this.byHost.get(host) ?? []), rule]);
    }
    for (const { namespace, spec } of mesh.ofKind('ServiceEntry')) {
      if (namespace === '') continue;
      for (const host of textsAt(spec, 'hosts')) this.entries.set(host, [...(this.entries.get(host) ?? []), namespace]);
    }
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
   * The namespaces whose rules for a host apply to clients in all namespaces, except for the root namespace. They are
   * those of the Service and of the ServiceEntries for the host; none if they are not known.
   */
  homesOf(host: string): readonly string[] {
    const own = namespaceOfHost(host);
    return [...(own === undefined ? [] : [own]), ...(this.entries.get(host) ?? [])];
  }

  /** Whether the namespace of a rule for a host is one whose rules apply to clients in all namespaces. */
  appliesElsewhere({ namespace }: MeshObject, host: string): boolean {
    return namespace === this.root || this.homesOf(host).includes(namespace);
  }

  /**
   * The rules that the clients in a namespace use for a host. Istio looks for rules in the namespace of the client, in
   * that of the host, and in the root namespace, and uses only the most specific ones of the first that has any.
   *
   * @param client the namespace; empty for any namespace that has no rules of its own
   * @returns the sets of rules, of which each client uses one; none if the namespace of the host is not known
   */
  usedIn(host: string, client: string): readonly RuleSet[] {
    const rules = this.covering(host);
    const own = rules.filter((rule) => rule.namespace === client);
    const local = mostSpecific(own.filter(client === this.root ? isPrivate : appliesAtHome));
    if (local.length > 0) return setsOf(local);
    const homes = this.homesOf(host);
    if (homes.length === 0) return [];
    for (const places of [homes, [this.root]]) {
      const found = mostSpecific(rules.filter((rule) => places.includes(rule.namespace) && !isPrivate(rule)));
      const visible = found.filter((rule) => isExportedTo(rule, client));
      if (visible.length > 0) {
        return [{ rules: visible, isCertain: visible.some((rule) => hostOf(rule) === host) }];
      }
    }
    return [{ rules: [], isCertain: false }];
  }

  private covering(host: string): readonly MeshObject[] {
    return [...this.forHost(host), ...this.wildcards.filter((rule) => coversHost(hostOf(rule), host))];
  }
}

const hostOf = ({ spec, namespace }: MeshObject): string => fullHost(textAt(spec, 'host') ?? '', namespace);

/** Labels of the clients to which a rule applies; undefined if to all. */
function selectorOf({ spec }: MeshObject): Labels | undefined {
  if (spec.workloadSelector === undefined) return undefined;
  return textFields(fieldsAt(fieldsAt(spec, 'workloadSelector'), 'matchLabels'));
}

const exportsOf = ({ spec }: MeshObject): readonly string[] => textsAt(spec, 'exportTo');

/** Whether Istio keeps a rule for clients in its own namespace. It never exports rules with a selector. */
function isPrivate(rule: MeshObject): boolean {
  const [first, ...others] = exportsOf(rule);
  return selectorOf(rule) !== undefined || (others.length === 0 && (first === '.' || first === rule.namespace));
}

function appliesAtHome(rule: MeshObject): boolean {
  const exported = exportsOf(rule);
  return isPrivate(rule) || exported.length === 0 || ['*', '.', rule.namespace].some((to) => exported.includes(to));
}

function isExportedTo(rule: MeshObject, client: string): boolean {
  const exported = exportsOf(rule);
  return exported.length === 0 || exported.includes('*') || exported.includes(client);
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
    // Istio merges rules with equal exportTo, and that of a rule with a selector counts as '.'.
    const known = selected.get(key)?.rules ?? plain.filter((one) => exportsOf(one).includes('.'));
    selected.set(key, { rules: [rule, ...known], selector, isCertain: true });
  }
  return [...selected.values(), { rules: plain, isCertain: plain.length > 0 }];
}
