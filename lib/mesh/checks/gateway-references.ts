import { gatewayHost } from '../traffic/gateway-host';
import { MESH_GATEWAY } from '../traffic/gateway-name';
import type { Mesh } from './mesh';
import { titleOf, type MeshObject } from './mesh-object';
import { fullHost, hostsOverlap } from '../host-matching';
import { listAt, textsAt } from './spec-fields';

/**
 * Gateways that a VirtualService names without a namespace, if the app has a Gateway with that name only in another
 * namespace; and Gateways of the app that a VirtualService names, but that accept none of the VirtualService's hosts.
 */
export function gatewayReferenceProblems(mesh: Mesh): string[] {
  const gateways = new Map(mesh.ofKind('Gateway').map((gateway) => [`${gateway.namespace}/${gateway.name}`, gateway]));
  if (gateways.size === 0) return [];
  return mesh.ofKind('VirtualService').flatMap((route) =>
    textsAt(route.spec, 'gateways')
      .filter((gateway) => gateway !== MESH_GATEWAY)
      .flatMap((reference) => {
        const full = reference.includes('/') ? reference : `${route.namespace}/${reference}`;
        const gateway = gateways.get(full);
        return gateway ? hostProblems(route, gateway) : absentProblems(route, reference, full, [...gateways.values()]);
      }),
  );
}

function absentProblems(route: MeshObject, reference: string, full: string, known: readonly MeshObject[]): string[] {
  const named = reference.includes('/') ? [] : known.filter(({ name }) => name === reference);
  const placed = [route, ...named].every(({ namespace }) => namespace !== '');
  const meant = placed ? named : [];
  if (meant.length === 0) return [];
  const remedy = meant.map((gateway) => `'${gateway.namespace}/${gateway.name}'`).join(' or ');
  return [
    `${titleOf(route)} names gateway '${reference}', which refers to '${full}', not to ${meant.map(titleOf).join(' or ')}: write ${remedy}`,
  ];
}

function hostProblems(route: MeshObject, gateway: MeshObject): string[] {
  const hosts = textsAt(route.spec, 'hosts');
  const taken = listAt(gateway.spec, 'servers').flatMap((server) => textsAt(server, 'hosts'));
  const open = taken.flatMap((host) => {
    const { name, namespace } = gatewayHost(host, gateway.namespace);
    const unknown = namespace === '' || route.namespace === '';
    return namespace === '*' || unknown || namespace === route.namespace ? [name] : [];
  });
  if (hosts.length === 0 || taken.length === 0 || isServed(hosts, route.namespace, open)) return [];
  return [
    `${titleOf(route)} is for '${hosts.join("', '")}', but ${titleOf(gateway)} only accepts '${taken.join("', '")}': add a host there, or write one of those`,
  ];
}

function isServed(hosts: readonly string[], namespace: string, open: readonly string[]): boolean {
  return hosts.some((host) =>
    open.some((one) => hostsOverlap(one, host) || hostsOverlap(one, fullHost(host, namespace))),
  );
}
