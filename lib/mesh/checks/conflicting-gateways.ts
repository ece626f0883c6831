import type { Mesh } from './mesh';
import { isSame, titleOf, type MeshObject } from './mesh-object';
import { gatewayHost } from '../traffic/gateway-host';
import { protocolFamily } from '../traffic/protocol-family';
import { fieldsAt, listAt, textAt, textsAt } from './spec-fields';

type Server = MeshObject['spec'];

interface Claim {
  /** What a Gateway claims at an address and port of its proxies. */
  readonly key: string;

  /** Gateways with the same value share the claim. Only one Gateway can have a claim without a value. */
  readonly value?: string;

  readonly problem: (gateway: MeshObject, other: Held, port: string) => string;
}

/** A claim that an earlier Gateway has. */
interface Held {
  readonly gateway: MeshObject;
  readonly value?: string;
}

const ENDS_TLS = ['SIMPLE', 'MUTUAL', 'OPTIONAL_MUTUAL', 'ISTIO_MUTUAL'];

/**
 * Two Gateways with conflicting claims at a port of the same proxies: a family of protocols, every connection, or TLS
 * for a host.
 */
export function conflictingGatewayProblems(mesh: Mesh): string[] {
  const known = new Map<string, Held>();
  return mesh.ofKind('Gateway').flatMap((gateway) => {
    const found = new Map<MeshObject, string>();
    for (const server of listAt(gateway.spec, 'servers')) {
      for (const { key, value, problem } of claimsOf(server, gateway.namespace)) {
        const full = JSON.stringify([selectorOf(gateway), ...placeOf(server), key]);
        const held = known.get(full) ?? { gateway, value };
        known.set(full, held);
        const other = held.gateway;
        const isShared = value !== undefined && value === held.value;
        if (isShared || other === gateway || isSame(other, gateway) || found.has(other)) continue;
        found.set(other, problem(gateway, held, portOf(server)));
      }
    }
    return [...found.values()];
  });
}

/** A server that presents a certificate. */
interface Presenting {
  readonly gateway: MeshObject;
  readonly index: number;
}

/**
 * HTTPS servers of one Gateway, or of two for the same proxies, that share a certificate. Browsers may reuse a
 * connection to one of them for the hosts of the other.
 */
export function sharedCertificateWarnings(mesh: Mesh): string[] {
  const known = new Map<string, Presenting>();
  const found = mesh.ofKind('Gateway').flatMap((gateway) =>
    listAt(gateway.spec, 'servers').flatMap((server, index) =>
      certificatesOf(server).flatMap((certificate) => {
        const key = JSON.stringify([selectorOf(gateway), ...placeOf(server), certificate]);
        const first = known.get(key);
        if (!first) known.set(key, { gateway, index });
        const isOwn = first?.gateway === gateway;
        if (!first || (isOwn ? first.index === index : isSame(first.gateway, gateway))) return [];
        const [where, together] = isOwn
          ? [`in servers[${String(first.index)}] and servers[${String(index)}] at port ${portOf(server)}`, 'one server']
          : [
              `at port ${portOf(server)}, and so does ${titleOf(first.gateway)} for the same selector`,
              'one server of one Gateway',
            ];
        return [
          `${titleOf(gateway)} presents certificate '${certificate}' ${where}, so browsers may reuse a connection to one server for the hosts of the other, and get 404: put the hosts into ${together}, or give each host its own certificate`,
        ];
      }),
    ),
  );
  return [...new Set(found)];
}

function claimsOf(server: Server, namespace: string): readonly Claim[] {
  const family = protocolFamily(protocolOf(server));
  if (family === undefined) return [];
  const protocolClaim: Claim = {
    key: 'protocol',
    value: family,
    problem: (gateway, other, port) =>
      `${titleOf(gateway)} serves ${family} at port ${port}, but ${titleOf(other.gateway)} serves ${other.value ?? ''} there for the same selector, and Istio supports only one of them at a port: write another port`,
  };
  if (family === 'HTTP') return [protocolClaim];
  if (family === 'TCP') return [protocolClaim, ALL_CONNECTIONS];
  const hosts = server.tls === undefined ? [] : textsAt(server, 'hosts');
  return [protocolClaim, ...hosts.flatMap((host) => hostClaims(server, host, namespace))];
}

/**
 * What a server with TLS claims for a host. Istio compares hosts including their namespace prefix, and Envoy compares
 * hosts alone.
 */
function hostClaims(server: Server, entry: string, gatewayNamespace: string): readonly Claim[] {
  const { name, namespace } = gatewayHost(entry, gatewayNamespace);
  return [
    {
      key: `host ${namespace}/${name}`,
      problem: (gateway, other, port) =>
        `${titleOf(gateway)} accepts '${entry}' at port ${port}, and so does ${titleOf(other.gateway)} for the same selector, but only one of them has an effect: put the hosts into one server of one Gateway, or write other hosts`,
    },
    ...(endsTls(server) ? [serverNameClaim(name)] : []),
  ];
}

function serverNameClaim(name: string): Claim {
  return {
    key: `server name ${name}`,
    problem: (gateway, other, port) =>
      `${titleOf(gateway)} terminates TLS for '${name}' at port ${port}, and so does ${titleOf(other.gateway)} for the same selector, but both match the same SNI, so Envoy rejects the configuration of the port: put the hosts into one server of one Gateway, or write other hosts`,
  };
}

const ALL_CONNECTIONS: Claim = {
  key: 'all connections',
  problem: (gateway, other, port) =>
    `${titleOf(gateway)} accepts all connections at port ${port}, and so does ${titleOf(other.gateway)} for the same selector, but only one of them has an effect: write another port`,
};

/** The names of the certificates that an HTTPS server presents. */
function certificatesOf(server: Server): readonly string[] {
  if (protocolOf(server) !== 'HTTPS' || !endsTls(server)) return [];
  const tls = fieldsAt(server, 'tls');
  return [textAt(tls, 'credentialName'), textAt(tls, 'serverCertificate'), ...textsAt(tls, 'credentialNames')].filter(
    (name) => name !== undefined,
  );
}

function endsTls(server: Server): boolean {
  return ENDS_TLS.includes(textAt(fieldsAt(server, 'tls'), 'mode') ?? '');
}

function selectorOf({ spec }: MeshObject): readonly (readonly [string, unknown])[] {
  return Object.entries(fieldsAt(spec, 'selector')).sort(([one], [other]) => (one < other ? -1 : 1));
}

function placeOf(server: Server): readonly (string | undefined)[] {
  return [portOf(server), textAt(server, 'bind')];
}

const portOf = (server: Server): string => String(fieldsAt(server, 'port').number);

const protocolOf = (server: Server): string => (textAt(fieldsAt(server, 'port'), 'protocol') ?? '').toUpperCase();
