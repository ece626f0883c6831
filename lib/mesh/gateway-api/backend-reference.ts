import { definedFields } from '../fields';
import { headerFilterProblems, renderHeaderFilters } from './header-filters';
import { hostProblem } from '../host-name';
import { namespaceOfHost } from '../host-matching';
import { wholeNumberProblem } from '../number-range';
import { serviceKindProblem } from '../namespaces/service-reference';
import { labelNameProblem } from '../object-name';
import type { RouteParent } from './route-parent';
import type { Destination } from '../traffic/destination';
import type { Mirror } from '../traffic/mirror';

/** The parts of a route that its backends depend on. */
export interface BackendSurroundings {
  readonly namespace: string;
  readonly parents: readonly RouteParent[];
}

interface Backend {
  readonly kind: 'Service' | 'Hostname';
  readonly name: string;
  readonly namespace: string;
  readonly port?: number;
}

const MAX_WEIGHT = 1_000_000;
const MAX_BACKENDS = 16;

/** Destinations as a rule's `backendRefs`; empty without destinations. */
export function renderBackends(to: readonly Destination[], surroundings: BackendSurroundings) {
  return to.length > 0 ? to.map((destination) => renderBackend(destination, surroundings)) : undefined;
}

/** A destination as an entry of a rule's `backendRefs`. */
export function renderBackend(
  destination: Destination,
  surroundings: BackendSurroundings,
): Readonly<Record<string, unknown>> {
  const filters = renderHeaderFilters(destination.headers);
  return definedFields({
    ...renderTarget(destination, surroundings),
    weight: destination.weight,
    filters: filters.length > 0 ? filters : undefined,
  });
}

/** A destination or mirror as a `backendRef`, without its weight. */
export function renderTarget(
  target: Destination | Mirror,
  surroundings: BackendSurroundings,
): Readonly<Record<string, unknown>> {
  const { kind, name, namespace, port } = backendOf(target, surroundings) ?? {};
  return definedFields({
    ...(kind === 'Hostname' ? { group: 'networking.istio.io', kind } : {}),
    name,
    namespace: kind === 'Hostname' || namespace === surroundings.namespace ? undefined : namespace,
    port,
  });
}

/** The problems with the destinations of a rule's requests, one sentence each. */
export function backendProblems(
  at: string,
  to: readonly Destination[],
  surroundings: BackendSurroundings,
  mayChangeHeaders = true,
): string[] {
  const problems = to.flatMap((destination, index) => {
    const here = `${at}[${String(index)}]`;
    const { headers, weight } = destination;
    return [
      ...targetProblems(here, destination, surroundings),
      ...(mayChangeHeaders ? headerFilterProblems(`${here}.headers`, headers) : []),
      ...(!mayChangeHeaders && (headers.request ?? headers.response)
        ? [`${here}.headers applies to requests, but this route is for connections: leave it out`]
        : []),
      ...wholeNumberProblem(`${here}.weight`, weight, 0, MAX_WEIGHT),
    ];
  });
  if (to.length > MAX_BACKENDS) {
    problems.push(`${at} has ${String(to.length)} destinations: write at most ${String(MAX_BACKENDS)}`);
  }
  const weightless = to.filter(({ weight }) => weight === undefined).length;
  return problems.length > 0 || to.length < 2 || weightless === 0
    ? problems
    : [
        `${at} has ${String(to.length)} destinations, ${String(weightless)} of them without a weight: give each a weight`,
      ];
}

/** Likely mistakes in the destinations of a rule's requests, one sentence each. */
export function backendWarnings(rules: readonly { readonly to?: readonly Destination[] }[]): string[] {
  return rules.flatMap(({ to }, index) => {
    if (!to?.every(({ weight }) => weight === 0)) return [];
    const at = `rules[${String(index)}].to`;
    return [
      to.length === 0
        ? `${at} is empty, so every request is answered with 500: name a destination, such as Destination.otherHost(…)`
        : `${at} has no weight above 0, so every request is answered with 500: raise one of them`,
    ];
  });
}

/** The problems with the targets of requests or of their copies, one sentence each. */
export function targetProblems(at: string, target: Destination | Mirror, surroundings: BackendSurroundings): string[] {
  const { subset, host, otherHost } = target;
  if (subset !== undefined) {
    return [
      `${at} names subset '${subset}', but the Gateway API has no subsets: give it its own Service, and write Destination.otherHost(…) or Mirror.toHost(…)`,
    ];
  }
  const backend = backendOf(target, surroundings);
  if (!backend) {
    return [
      `${at} goes to the route's own Service, but its parents are not a single Service: write Destination.otherHost(…) or Mirror.toHost(…)`,
    ];
  }
  const { kind, name, namespace, port } = backend;
  return [
    ...(otherHost === undefined ? [] : serviceKindProblem(`${at} host`, otherHost)),
    ...(kind === 'Service'
      ? [...labelNameProblem(`${at} Service`, name), ...labelNameProblem(`${at} namespace`, namespace)]
      : wildcardProblem(at, name)),
    ...(port === undefined
      ? [
          `${at} has no port${host === undefined ? '' : ` for '${host}'`}, which the Gateway API requires: write it, such as { port: 80 }`,
        ]
      : wholeNumberProblem(`${at} port`, port, 1, 65535)),
  ];
}

function wildcardProblem(at: string, host: string): string[] {
  return host.startsWith('*') || hostProblem('', host).length > 0
    ? [`${at} goes to host '${host}', which is not a host: write the name of a Service, or a domain name`]
    : [];
}

function backendOf(target: Destination | Mirror, { namespace, parents }: BackendSurroundings): Backend | undefined {
  const services = parents.filter(({ reference: { kind } }) => kind === 'Service');
  const port = target.port ?? commonPort(parents);
  const { host } = target;
  if (host === undefined) {
    const [own] = services;
    if (!own || services.length > 1) return undefined;
    return { kind: 'Service', name: own.reference.name, namespace: own.reference.namespace ?? namespace, port };
  }
  if (!host.includes('.')) return { kind: 'Service', name: host, namespace, port };
  const place = namespaceOfHost(host);
  const [name = ''] = host.split('.');
  return place === undefined
    ? { kind: 'Hostname', name: host, namespace, port }
    : { kind: 'Service', name, namespace: place, port };
}

/** The port of requests from clients in the mesh, if it is the same for all parents. */
function commonPort(parents: readonly RouteParent[]): number | undefined {
  const ports = new Set(parents.filter(({ isMesh }) => isMesh).map(({ reference: { port } }) => port));
  const [port] = ports;
  return ports.size === 1 ? port : undefined;
}
