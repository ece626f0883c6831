import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { build, type Plugin } from 'esbuild';

const PROJECT = resolve(__dirname, '..');
const OUTPUT = join(PROJECT, 'dist', 'lib', 'bundled-libraries');
const LICENSE_FILE = /^(licen[cs]e|notice|copying)/i;

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly homepage?: string;
  readonly repository?: string | { readonly url: string };
}

/**
 * Commander loads child_process when it is used. It only needs it for commands in programs of their own, and Node would
 * spend as much time on it as on the rest of commander.
 */
const LAZY_CHILD_PROCESS: Plugin = {
  name: 'lazy-child-process',
  setup(bundle) {
    bundle.onResolve({ filter: /^node:child_process$/ }, ({ path, importer }) =>
      importer.includes('/commander/') ? { path, namespace: 'lazy' } : { path, external: true },
    );
    bundle.onLoad({ filter: /.*/, namespace: 'lazy' }, () => ({
      contents: "exports.spawn = (...args) => require('node:child_process').spawn(...args);",
    }));
  },
};

/** Replaces what tsc wrote for lib/bundled-libraries with files that contain the libraries, and adds their licenses. */
async function bundleLibraries(): Promise<void> {
  const { metafile } = await build({
    absWorkingDir: PROJECT,
    entryPoints: ['lib/bundled-libraries/*.ts'],
    outdir: OUTPUT,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    minify: true,
    legalComments: 'eof',
    metafile: true,
    plugins: [LAZY_CHILD_PROCESS],
  });
  const files = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs));
  const packages = new Set(files.flatMap(packageOf));
  writeFileSync(
    join(OUTPUT, 'LICENSES.txt'),
    [...packages]
      .sort()
      .map(licenseOf)
      .join(`\n${'-'.repeat(80)}\n\n`),
  );
}

/** The folder of the package that a file belongs to. */
function packageOf(file: string): string[] {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.slice(0, 1) ?? [];
}

function licenseOf(folder: string): string {
  const path = join(PROJECT, folder);
  const { name, version, license, repository, homepage } = JSON.parse(
    readFileSync(join(path, 'package.json'), 'utf8'),
  ) as Manifest;
  const source = typeof repository === 'object' ? repository.url.replace(/^git\+/, '') : (repository ?? homepage ?? '');
  const texts = readdirSync(path)
    .filter((file) => LICENSE_FILE.test(file))
    .map((file) => readFileSync(join(path, file), 'utf8').trim());
  return `${[`${name} ${version}, ${license}`, source, ...texts].join('\n\n')}\n`;
}

if (!existsSync(OUTPUT)) throw new Error(`${OUTPUT} is missing: run tsc first, as npm run build does`);
void bundleLibraries();
