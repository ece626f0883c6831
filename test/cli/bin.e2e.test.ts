import { spawnSync, type StdioOptions } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BIN } from './run-cli';

/** Runs the command line with the given outputs. */
function run(args: readonly string[], stdio: StdioOptions) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [BIN, ...args], { stdio, encoding: 'utf8' });
  return { stdout, stderr, status };
}

describe('the output of istio-module', () => {
  // Accepts no data, like a full disk.
  let full: number;
  let directory: string;

  beforeAll(() => {
    full = openSync('/dev/full', 'w');
    directory = mkdtempSync(join(tmpdir(), 'outputs-'));
  });

  afterAll(() => {
    closeSync(full);
    rmSync(directory, { recursive: true });
  });

  it('fails with one sentence, without a stack trace, if stdout cannot be written', () => {
    expect(run(['completion', 'bash'], ['ignore', full, 'pipe'])).toEqual({
      stdout: null,
      stderr: 'error: The output cannot be written: ENOSPC: no space left on device, write.\n',
      status: 1,
    });
  });

  it('is still written to a file if stderr cannot be written', () => {
    const manifest = join(directory, 'virtual-service.yaml');
    const page = join(directory, 'traffic.html');
    writeFileSync(manifest, VIRTUAL_SERVICE);
    expect(run(['graph', manifest, '--html', page], ['ignore', 'pipe', full])).toMatchObject({ stdout: '', status: 0 });
    expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>/i);
  });
});

const VIRTUAL_SERVICE = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: cart, namespace: shop }
spec: { hosts: [cart], http: [{ route: [{ destination: { host: cart } }] }] }
`;
