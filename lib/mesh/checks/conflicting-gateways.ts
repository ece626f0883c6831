import type { Mesh } from './mesh';
import { isSame, titleOf, type MeshObject } from './mesh-object';
import { fieldsAt, listAt, textAt, textsAt } from './spec-fields';

type Server = MeshObject['spec'];

interface Claim {
  /** What only one Gateway of the same proxies can claim at an address and port. */
  readonly key: string;
  readonly problem: (gateway: MeshObject, other: MeshObject, port: string) => string;
}

const TCP = ['TCP', 'MONGO', 'MYSQL', 'REDIS'];

/**
 * Two Gateways with the same claim at a port of the same proxies: every connection, TLS for a host, or a certificate.
 * If they share a certificate, browsers reuse a connection to one of them for the hosts of the other.
 */
export function conflictingGatewayProblems(mesh: Mesh): string[] {
  const known = new Map<string, MeshObject>();
  return mesh.ofKind('Gateway').flatMap((gateway) => {
    const found = new Map<MeshObject, string>();
    for (const server of listAt(gateway.spec, 'servers')) {
      const port = String(fieldsAt(server, 'port').number);
      for (const { key, problem } of claimsOf(server)) {
        const full = JSON.stringify([selectorOf(gateway), port, textAt(server, 'bind'), key]);
        const other = known.get(full);
        if (!other) known.set(full, gateway);
        else if (other !== gateway && !isSame(other, gateway) && !found.has(other)) {
          found.set(other, problem(gateway, other, port));
        }
      }
    }
    return [...found.values()];
  });
}

function claimsOf(server: Server): readonly Claim[] {
  const protocol = (textAt(fieldsAt(server, 'port'), 'protocol') ?? '').toUpperCase();
  const tls = fieldsAt(server, 'tls');
  if (textAt(tls, 'mode') === undefined) return TCP.includes(protocol) ? [ALL_CONNECTIONS] : [];
  return [
    ...textsAt(server, 'hosts').map((host): Claim => ({
      key: `host ${host}`,
      problem: (gateway, other, port) =>
        `${titleOf(gateway)} accepts '${host}' at port ${port}, and so does ${titleOf(other)} for the same selector, but only one of them has an effect: put the servers into one Gateway, or write other hosts`,
    })),
    ...(protocol === 'HTTPS' ? certificatesOf(tls) : []).map((certificate): Claim => ({
      key: `certificate ${certificate}`,
      problem: (gateway, other, port) =>
        `${titleOf(gateway)} presents certificate '${certificate}' at port ${port}, and so does ${titleOf(other)} for the same selector, so browsers reuse a connection to one for the hosts of the other, which answers 404: put the servers into one Gateway, or give each host its own certificate`,
    })),
  ];
}

const ALL_CONNECTIONS: Claim = {
  key: 'all connections',
  problem: (gateway, other, port) =>
    `${titleOf(gateway)} accepts all connections at port ${port}, and so does ${titleOf(other)} for the same selector, but only one of them has an effect: write another port, or put the servers of both into one Gateway`,
};

/** The names of a server's certificates. */
function certificatesOf(tls: Server): readonly string[] {
  return [textAt(tls, 'credentialName'), textAt(tls, 'serverCertificate'), ...textsAt(tls, 'credentialNames')].filter(
    (name) => name !== undefined,
  );
}

function selectorOf({ spec }: MeshObject): readonly (readonly [string, unknown])[] {
  return Object.entries(fieldsAt(spec, 'selector')).sort(([one], [other]) => (one < other ? -1 : 1));
}
