import { execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const need =
  'the local control plane is built with Go 1.26 or newer: install it from https://go.dev/dl, ' +
  'see that `go version` works in this shell, and run the command again';

/** @throws Error with what to install when Go is missing or older than 1.26 */
export async function requireGo(directory: string): Promise<void> {
  let version: string;
  try {
    const options = { cwd: directory, env: process.env };
    version = (await promisify(execFile)('go', ['env', 'GOVERSION'], options)).stdout.trim();
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no `go` on PATH' : String(error);
    throw new Error(`${reason}; ${need}`, { cause: error });
  }
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(version) ?? [];
  // A development version of Go has no number and is newer than any release.
  if (major !== undefined && (Number(major) < 1 || (Number(major) === 1 && Number(minor) < 26))) {
    throw new Error(`\`go\` on PATH is ${version}; ${need}`);
  }
}

/**
 * Runs the Go command without cgo and without a workspace, whatever the environment sets, so that all machines build
 * alike.
 *
 * @param onLine receives each line of standard error, such as the packages that `go build -v` names
 * @returns standard output
 * @throws Error with the end of standard error when it fails
 */
export function go(args: readonly string[], directory: string, onLine?: (line: string) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly', GOWORK: 'off' };
    const child = spawn('go', args, { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
    let end = '';
    createInterface(child.stderr).on('line', (line) => {
      end = `${end}${line}\n`.slice(-4_000);
      onLine?.(line);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) {
        resolve(output);
      } else {
        reject(new Error(`\`go ${args.join(' ')}\` in ${directory} ended with exit code ${String(code)}: ${end}`));
      }
    });
  });
}
