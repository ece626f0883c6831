import { groupBy } from '../../group-by';
import { fieldsAt, listAt, textAt } from '../checks/spec-fields';
import { canMatchBoth } from '../labels';
import { excludesIdentities, isForGateways, namesIdentities } from './client-identities';
import { refusesPlainText } from './refuses-plain-text';

/** A resource of Istio, as far as the order of an installation depends on it. */
export interface OrderedResource {
  readonly kind: string;

  /** Empty if unknown. */
  readonly namespace: string;

  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: Readonly<Record<string, unknown>>;
}

/**
 * The resources that refuse valid requests while some workloads have no sidecar, because clients without one send plain
 * text and have no identity: PeerAuthentications with STRICT, and AuthorizationPolicies that decide by identity. ALLOW
 * policies for the same workloads together refuse what none of them allows, so they belong together.
 */
export function needingSidecars<Resource extends OrderedResource>(
  resources: readonly Resource[],
  rootNamespaces: ReadonlySet<string>,
): readonly Resource[] {
  const allowing = togetherByIdentity(
    resources.filter((one) => isEnforced(one, 'ALLOW')),
    rootNamespaces,
  );
  return resources.filter(
    (one) =>
      (one.kind === 'PeerAuthentication' && refusesPlainText(one.spec)) ||
      (isEnforced(one, 'DENY') && rulesOf(one).some(excludesIdentities)) ||
      allowing.has(one),
  );
}

/** The ALLOW policies that name identities, and those that belong together with them. */
function togetherByIdentity<Resource extends OrderedResource>(
  policies: readonly Resource[],
  rootNamespaces: ReadonlySet<string>,
): ReadonlySet<Resource> {
  const isWide = ({ namespace }: Resource) => namespace === '' || rootNamespaces.has(namespace);
  const wide = policies.filter(isWide);
  const byNamespace = groupBy(policies, ({ namespace }) => namespace);
  const found = new Set(policies.filter((one) => rulesOf(one).some(namesIdentities)));
  // A set also iterates over what is added meanwhile.
  for (const one of found) {
    // A policy without rules allows nothing. The other policies for its workloads refuse the same requests whether or
    // not it exists, so they need not be in the same stage.
    if (rulesOf(one).length === 0) continue;
    const others = isWide(one) ? policies : [...wide, ...(byNamespace.get(one.namespace) ?? [])];
    for (const other of others) {
      if (canMatchBoth(selectorOf(one), selectorOf(other))) found.add(other);
    }
  }
  return found;
}

function rulesOf({ spec }: OrderedResource): readonly OrderedResource['spec'][] {
  return listAt(spec, 'rules');
}

/** Whether a resource is an AuthorizationPolicy with this action that sidecars enforce. */
function isEnforced({ kind, annotations, spec }: OrderedResource, action: 'ALLOW' | 'DENY'): boolean {
  return (
    kind === 'AuthorizationPolicy' &&
    (textAt(spec, 'action') ?? 'ALLOW') === action &&
    annotations['istio.io/dry-run'] !== 'true' &&
    !isForGateways(spec)
  );
}

function selectorOf({ spec }: OrderedResource): OrderedResource['spec'] {
  return fieldsAt(fieldsAt(spec, 'selector'), 'matchLabels');
}
