import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RESTARTER_IMAGE } from './restarter-image';

const PROJECT = join(__dirname, '..', '..');
const read = (file: string) => readFileSync(join(PROJECT, file), 'utf8').split('\n');
const dockerfile = read('deploy/Dockerfile');

/** The arguments of an instruction of the last stage. */
function last(instruction: string): string {
  const found = dockerfile.filter((line) => line.startsWith(`${instruction} `)).at(-1);
  return found?.slice(instruction.length + 1) ?? '';
}

describe('deploy/Dockerfile', () => {
  test('makes the image that the test of the real node runs, but for its base', () => {
    expect(JSON.parse(last('ENTRYPOINT'))).toEqual(RESTARTER_IMAGE.entrypoint);
    expect(last('USER')).toBe(RESTARTER_IMAGE.user);
  });

  test('copies only files that exist, and that its context contains', () => {
    const context = read('deploy/Dockerfile.dockerignore');
    const copied = dockerfile
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from'))
      .flatMap((line) => line.split(' ').slice(1, -1));
    expect(copied.length).toBeGreaterThan(3);
    expect(copied.filter((path) => !existsSync(join(PROJECT, path)))).toEqual([]);
    expect(copied.filter((path) => !context.includes(`!${path}`))).toEqual([]);
    expect(context[0]).toBe('*');
  });

  test('bundles with a script that exists, into the file that it copies', () => {
    const { scripts } = JSON.parse(read('package.json').join('\n')) as { scripts: Record<string, string> };
    expect(last('RUN')).toContain('npm run bundle');
    const from = /^COPY --from=bundle \/src\/(\S+) /m.exec(dockerfile.join('\n'))?.[1];
    expect(scripts.bundle).toContain(`--outfile=${String(from)}`);
  });
});
