import { fieldsAt, textAt } from '../checks/spec-fields';

/** Whether the spec of a PeerAuthentication makes mutual TLS STRICT, on some ports or all. */
export function refusesPlainText(spec: Readonly<Record<string, unknown>>): boolean {
  const ports = fieldsAt(spec, 'portLevelMtls');
  return [fieldsAt(spec, 'mtls'), ...Object.keys(ports).map((port) => fieldsAt(ports, port))].some(
    (mutualTls) => textAt(mutualTls, 'mode') === 'STRICT',
  );
}
