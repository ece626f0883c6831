import type { Mesh } from './mesh';
import { isSame, titleOf, type MeshObject } from './mesh-object';
import { fieldsAt, listAt, textAt, textsAt } from './spec-fields';

/** Two Gateways that end TLS for one host, at one port of the same proxies: the proxies take one of them. */
export function conflictingGatewayProblems(mesh: Mesh): string[] {
  const known = new Map<string, MeshObject>();
  return mesh.ofKind('Gateway').flatMap((gateway) => {
    const found = new Map<MeshObject, string>();
    for (const server of listAt(gateway.spec, 'servers')) {
      if (server.tls === undefined || textAt(fieldsAt(server, 'tls'), 'mode') === undefined) continue;
      const port = String(fieldsAt(server, 'port').number);
      for (const host of textsAt(server, 'hosts')) {
        const key = JSON.stringify([selectorOf(gateway), port, textAt(server, 'bind'), host]);
        const other = known.get(key);
        if (!other) known.set(key, gateway);
        else if (other !== gateway && !isSame(other, gateway) && !found.has(other)) {
          found.set(other, `'${host}' at port ${port}`);
        }
      }
    }
    return [...found].map(
      ([other, what]) =>
        `${titleOf(gateway)} takes ${what}, as ${titleOf(other)} does for the same selector, and only one of them has an effect: put the servers into one, or write other hosts`,
    );
  });
}

function selectorOf({ spec }: MeshObject): readonly (readonly [string, unknown])[] {
  return Object.entries(fieldsAt(spec, 'selector')).sort(([one], [other]) => (one < other ? -1 : 1));
}
