import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { promisify } from 'node:util';

/** The port of istiod's webhooks, as in istiod's Service. */
export const webhookPort = 15017;

/** The maximum number of istiods on a machine at once. */
const addresses = 250;

/**
 * An address for the webhooks of one istiod. Pods cannot have addresses in 127.0.0.0/8. As root, each istiod gets an
 * address of its own on the loopback interface, from the range that is reserved for tests of networks; watchdog.sh
 * removes it. Otherwise, the address is one that the machine already has, and the number of such addresses limits how
 * many istiods can run at once.
 *
 * @param directory of the control plane
 * @throws Error when no address is free
 */
export async function istiodAddress(directory: string): Promise<string> {
  return process.platform === 'linux' && process.getuid?.() === 0 ? ownAddress(directory) : machineAddress();
}

async function ownAddress(directory: string): Promise<string> {
  for (let index = 1; index <= addresses; index++) {
    const address = `198.18.0.${String(index)}`;
    try {
      await promisify(execFile)('ip', ['address', 'add', `${address}/32`, 'dev', 'lo', 'label', label(directory)]);
      return address;
    } catch (error) {
      // The kernel accepts each address only once.
      if (!/File exists|already assigned/.test((error as { stderr?: string }).stderr ?? '')) {
        throw error;
      }
    }
  }
  throw new Error(`this machine has ${String(addresses)} istiods already: stop the clusters that are not in use`);
}

/**
 * The label by which watchdog.sh finds the addresses of a control plane: the six random characters at the end of its
 * directory.
 */
function label(directory: string): string {
  return `lo:${directory.slice(-6)}`;
}

async function machineAddress(): Promise<string> {
  const own = Object.values(networkInterfaces())
    .flatMap((entries) => entries ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4')
    .map(({ address }) => address);
  for (const address of own) {
    if (await isFree(address)) {
      return address;
    }
  }
  throw new Error(
    `istiod's webhooks need port ${String(webhookPort)} on an address other than 127.0.0.1, and no address of this ` +
      `machine has it free (${own.join(', ') || 'no address'}): run as root to give each istiod an address of its own`,
  );
}

function isFree(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => {
      resolve(false);
    });
    server.listen(webhookPort, address, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
