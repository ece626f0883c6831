import type { Mesh } from './mesh';
import { isSame, titleOf, type MeshObject } from './mesh-object';
import { fieldsAt, listAt, textAt, textsAt } from './spec-fields';

type Server = MeshObject['spec'];

interface Claim {
  /** What only one Gateway of the same proxies can have, at an address and port. */
  readonly key: string;
  readonly problem: (gateway: MeshObject, other: MeshObject, port: string) => string;
}

const TCP = ['TCP', 'MONGO', 'MYSQL', 'REDIS'];

/**
 * Two Gateways that claim the same at one port of the same proxies: every connection, TLS for one host, or one
 * certificate, for which browsers use a connection to one of them for the hosts of the other as well.
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
        `${titleOf(gateway)} takes '${host}' at port ${port}, as ${titleOf(other)} does for the same selector, and only one of them has an effect: put the servers into one, or write other hosts`,
    })),
    ...(protocol === 'HTTPS' ? certificatesOf(tls) : []).map((certificate): Claim => ({
      key: `certificate ${certificate}`,
      problem: (gateway, other, port) =>
        `${titleOf(gateway)} shows certificate '${certificate}' at port ${port}, as ${titleOf(other)} does for the same selector, so browsers send requests for hosts of one to the other, which answers 404: put the servers into one Gateway, or give each host a certificate of its own`,
    })),
  ];
}

const ALL_CONNECTIONS: Claim = {
  key: 'all connections',
  problem: (gateway, other, port) =>
    `${titleOf(gateway)} takes all connections at port ${port}, as ${titleOf(other)} does for the same selector, and only one of them has an effect: write another port, or put the routes of both into one`,
};

/** What names a server's certificates. */
function certificatesOf(tls: Server): readonly string[] {
  return [textAt(tls, 'credentialName'), textAt(tls, 'serverCertificate'), ...textsAt(tls, 'credentialNames')].filter(
    (name) => name !== undefined,
  );
}

function selectorOf({ spec }: MeshObject): readonly (readonly [string, unknown])[] {
  return Object.entries(fieldsAt(spec, 'selector')).sort(([one], [other]) => (one < other ? -1 : 1));
}
