import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { promisify } from 'node:util';

/** The port of istiod's webhooks, as its Service has it. */
export const webhookPort = 15017;

/** As many istiods as a machine can have at once. */
const addresses = 250;

/**
 * An address for the webhooks of one istiod. Pods cannot have those of 127.0.0.0/8, so as root it is one of its own on
 * the loopback interface, from the range that is kept for tests of networks; watchdog.sh removes it. Otherwise it is one
 * that the machine has, and as many istiods can run at once as there are.
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
      // The kernel gives each address once.
      if (!/File exists|already assigned/.test((error as { stderr?: string }).stderr ?? '')) {
        throw error;
      }
    }
  }
  throw new Error(`this machine has ${String(addresses)} istiods already: stop the clusters that nobody uses`);
}

/** By which watchdog.sh finds the addresses of a control plane: its directory ends with six random characters. */
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
    `istiod's webhooks need port ${String(webhookPort)} of an address that is not 127.0.0.1, and it is taken on ` +
      `${own.join(', ') || 'none that this machine has'}: run as root, where each istiod gets an address of its own`,
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
