import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import type { NodeNetwork } from './node-configuration';

/** The maximum number of real nodes on a machine at once. */
const networks = 200;

const run = promisify(execFile);

/**
 * Links a process's network namespace to this machine's, and routes the pods' network to it. All of it is gone when the
 * namespace is.
 *
 * @param pid the process
 * @param owner the node's directory, by which people and tests know whose link it is
 * @returns addresses that no other node on this machine has: the kernel accepts each interface name only once
 */
export async function linkNode(pid: number, owner: string): Promise<NodeNetwork> {
  for (let index = 0; index < networks; index++) {
    const network = networkOf(index);
    const { hostInterface, hostAddress, nodeAddress, prefix, podCidr } = network;
    try {
      const peer = ['peer', 'name', 'eth0', 'netns', String(pid)];
      await run('ip', ['link', 'add', 'name', hostInterface, 'type', 'veth', ...peer]);
    } catch (error) {
      if ((error as { stderr?: string }).stderr?.includes('File exists')) {
        continue;
      }
      throw error;
    }
    await run('ip', ['address', 'add', `${hostAddress}/${String(prefix)}`, 'dev', hostInterface]);
    await run('ip', ['link', 'set', hostInterface, 'up', 'alias', owner]);
    await run('ip', ['route', 'add', podCidr, 'via', nodeAddress, 'dev', hostInterface]);
    return network;
  }
  throw new Error(`this machine has ${String(networks)} real nodes already: stop the clusters that are not in use`);
}

/**
 * Addresses from the range that is reserved for tests of networks (198.18.0.0/15), and for pods from a range for
 * private use.
 */
function networkOf(index: number): NodeNetwork {
  const block = 4 * (index % 64);
  const link = `198.19.${String(Math.floor(index / 64))}`;
  return {
    hostInterface: `real-node-${String(index)}`,
    hostAddress: `${link}.${String(block + 1)}`,
    nodeAddress: `${link}.${String(block + 2)}`,
    prefix: 30,
    podCidr: `10.88.${String(index)}.0/24`,
  };
}
