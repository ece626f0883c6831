import { BlockList, isIP } from 'node:net';
import { portOf } from './port-of';

/**
 * Whether to connect to a server without the environment's proxy: always for the local machine, otherwise if the list
 * contains it.
 *
 * @param list the value of NO_PROXY: domains (each with its subdomains), addresses and ranges, with or without a port,
 * or `*`
 */
export function noProxy(server: URL, list: string): boolean {
  const host = server.hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  const isAddress = isIP(host) !== 0;
  if (host === 'localhost' || (isAddress && inRange(host, '127.0.0.0/8')) || (isAddress && inRange(host, '::1/128'))) {
    return true;
  }
  const entries = list.split(',').map((entry) => entry.trim().toLowerCase());
  return entries.some((entry) => entry === '*' || matches(entry, host, portOf(server)));
}

function matches(entry: string, host: string, port: number): boolean {
  if (entry.includes('/')) {
    return isIP(host) !== 0 && inRange(host, entry);
  }
  const [name, ofPort] = withPort(entry);
  if (name === '' || (ofPort !== '' && Number(ofPort) !== port)) {
    return false;
  }
  if (isIP(name) !== 0) {
    return isIP(host) !== 0 && inRange(host, `${name}/${isIP(name) === 4 ? '32' : '128'}`);
  }
  const domain = name.replace(/^\*\./, '.');
  return isIP(host) === 0 && (domain.startsWith('.') ? host.endsWith(domain) : `.${host}`.endsWith(`.${domain}`));
}

function withPort(entry: string): readonly [string, string] {
  const [, name = entry, port = ''] =
    /^\[(.*)\]:(\d*)$/.exec(entry) ?? /^([^:]*):([^:]*)$/.exec(entry) ?? /^\[(.*)\]$/.exec(entry) ?? [];
  return [name, port];
}

function inRange(address: string, range: string): boolean {
  const [network = '', bits = ''] = range.split('/');
  const family = isIP(network) === 4 ? 'ipv4' : 'ipv6';
  if (isIP(network) === 0 || !/^\d+$/.test(bits) || Number(bits) > (family === 'ipv4' ? 32 : 128)) {
    return false;
  }
  const ranges = new BlockList();
  ranges.addSubnet(network, Number(bits), family);
  return ranges.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}
