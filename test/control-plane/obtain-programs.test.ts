import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type RequestListener, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { DownloadLimits } from './downloads';
import { type Origin, chosenOrigin, obtainPrograms } from './obtain-programs';
import type { ProgramSource } from './program-sources';
import type { PublishedFile } from './published-programs';

const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');

/** A text is the answer, a function writes the answer, and `undefined` means that there never is one. */
type Answer = string | Buffer | ((response: ServerResponse) => void) | undefined;

describe('obtainPrograms', () => {
  const source: ProgramSource = { name: 'kwok', package: 'example.com/kwok' };
  let directory: string;
  let base: string;
  let answers: Record<string, Answer>;
  let requests: string[];
  let lines: string[];
  let compiled: string[];
  const listener: RequestListener = ({ url = '' }, response) => {
    requests.push(url);
    const answer = answers[url];
    if (typeof answer === 'function') {
      answer(response);
    } else if (answer !== undefined) {
      response.end(answer);
    } else if (!(url in answers)) {
      response.writeHead(404).end();
    }
  };
  const server = createServer(listener);

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  });

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'obtain-programs-'));
    [answers, requests, lines, compiled] = [{}, [], [], []];
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const file = (overrides: Partial<PublishedFile> = {}): PublishedFile => ({
    url: `${base}/kwok`,
    checksum: { kind: 'file', url: `${base}/kwok.sha256` },
    contents: { kind: 'program', name: 'kwok' },
    ...overrides,
  });

  const obtain = (
    files: Readonly<Record<string, readonly PublishedFile[]>> = { kwok: [file()] },
    {
      sources = [source],
      origin,
      limits = { checksum: 60_000, silence: 60_000 },
    }: { sources?: readonly ProgramSource[]; origin?: Origin; limits?: DownloadLimits } = {},
  ) =>
    obtainPrograms(sources, directory, (line) => lines.push(line), {
      ...(origin === undefined ? {} : { origin }),
      published: (name) => files[name],
      build: (missing) => {
        compiled.push(...missing.map(({ name }) => name));
        return Promise.resolve();
      },
      limits,
    });

  const compiledBecause = (reason: string) => {
    expect(lines).toEqual([`kwok: compiled from Go modules, since ${reason}`]);
    expect(compiled).toEqual(['kwok']);
    expect(readdirSync(directory)).toEqual([]);
  };

  const archiveOf = (files: Readonly<Record<string, string>>) => {
    const folder = mkdtempSync(join(directory, 'archive-'));
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    const archive = execFileSync('tar', ['-cz', '-C', folder, '.']);
    rmSync(folder, { recursive: true });
    return archive;
  };

  it('downloads a program, and says from where', async () => {
    answers = { '/kwok': 'a program', '/kwok.sha256': `${sha256('a program')}\n` };
    await obtain();
    expect(readFileSync(join(directory, 'kwok'), 'utf8')).toBe('a program');
    expect(statSync(join(directory, 'kwok')).mode & 0o777).toBe(0o755);
    expect(readdirSync(directory)).toEqual(['kwok']);
    expect(lines).toEqual([`kwok: downloaded ${base}/kwok, with the SHA-256 that is published`]);
    expect(compiled).toEqual([]);
  });

  it('takes programs out of one archive that is downloaded once, with a list of checksums', async () => {
    const archive = archiveOf({ 'pulumi/pulumi': 'the CLI', 'pulumi/pulumi-language-nodejs': 'the host' });
    answers = {
      '/pulumi.tar.gz': archive,
      '/checksums.txt': `${'0'.repeat(64)}  other.tar.gz\n${sha256(archive)}  pulumi.tar.gz\n`,
    };
    const holding = (name: string) => [
      file({
        url: `${base}/pulumi.tar.gz`,
        checksum: { kind: 'file', url: `${base}/checksums.txt` },
        contents: { kind: 'archive', programs: { [name]: `pulumi/${name}` } },
      }),
    ];
    const names = ['pulumi', 'pulumi-language-nodejs'];
    await obtain(Object.fromEntries(names.map((name) => [name, holding(name)])), {
      sources: names.map((name) => ({ name, package: name })),
    });
    expect(names.map((name) => readFileSync(join(directory, name), 'utf8'))).toEqual(['the CLI', 'the host']);
    expect(requests.sort()).toEqual(['/checksums.txt', '/pulumi.tar.gz']);
  });

  it("takes the checksum that GitHub's description of a release has", async () => {
    const assets = [{ name: 'kwok', digest: `sha256:${sha256('a program')}` }];
    answers = { '/kwok': 'a program', '/releases/v1': JSON.stringify({ assets }) };
    await obtain({ kwok: [file({ checksum: { kind: 'github-release', url: `${base}/releases/v1` } })] });
    expect(readdirSync(directory)).toEqual(['kwok']);
  });

  it('compiles what is not published', async () => {
    await obtain({});
    compiledBecause('it is not published for this machine');
  });

  it('compiles a program whose host cannot be reached', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${String((closed.address() as AddressInfo).port)}/kwok.sha256`;
    await new Promise((resolve) => closed.close(resolve));
    await obtain({ kwok: [file({ checksum: { kind: 'file', url } })] });
    compiledBecause(`${url} cannot be reached (ECONNREFUSED)`);
  });

  it('compiles a program whose host does not answer', async () => {
    answers = { '/kwok.sha256': undefined };
    await obtain(undefined, { limits: { checksum: 100, silence: 60_000 } });
    compiledBecause(`${base}/kwok.sha256 does not answer within 0.1 s`);
  });

  it('compiles a program whose release does not exist', async () => {
    await obtain();
    compiledBecause(`${base}/kwok.sha256 answers 404`);
  });

  it.each([
    ['file', '<html>Please log in</html>', 'has no SHA-256 of kwok'],
    ['file', `${'0'.repeat(64)}  other\n${'1'.repeat(64)}  another\n`, 'has no SHA-256 of kwok'],
    ['github-release', '{ "assets": [{ "name": "kwok", "digest": null }] }', 'has no SHA-256 of kwok'],
    ['github-release', '<html>Please log in</html>', "is not GitHub's description of a release"],
  ] as const)('compiles a program when the answer has no checksum of it: %s %s', async (kind, answer, reason) => {
    answers = { '/kwok': 'a program', '/kwok.sha256': answer };
    await obtain({ kwok: [file({ checksum: { kind, url: `${base}/kwok.sha256` } })] });
    compiledBecause(`${base}/kwok.sha256 ${reason}`);
  });

  it('compiles a program whose download is another file than the published one', async () => {
    answers = { '/kwok': 'another program', '/kwok.sha256': sha256('a program') };
    await obtain();
    compiledBecause(
      `${base}/kwok has the SHA-256 ${sha256('another program')}, and not ${sha256('a program')}, which is published for it`,
    );
  });

  it('compiles a program whose download breaks off', async () => {
    answers = {
      '/kwok': (response) => {
        response.writeHead(200, { 'content-length': '1000' });
        response.write('a prog', () => response.destroy());
      },
      '/kwok.sha256': sha256('a program'),
    };
    await obtain();
    compiledBecause(`${base}/kwok breaks off (UND_ERR_SOCKET)`);
  });

  it('compiles a program whose download stops half-way', async () => {
    answers = {
      '/kwok': (response) => {
        response.write('a prog');
      },
      '/kwok.sha256': sha256('a program'),
    };
    await obtain(undefined, { limits: { checksum: 60_000, silence: 100 } });
    compiledBecause(`${base}/kwok does not answer within 0.1 s`);
  });

  it('compiles a program that is not in its archive, and leaves nothing of it', async () => {
    const archive = archiveOf({ 'somewhere/else': 'a program' });
    answers = { '/kwok': archive, '/kwok.sha256': sha256(archive) };
    await obtain({ kwok: [file({ contents: { kind: 'archive', programs: { kwok: 'bin/kwok' } } })] });
    compiledBecause(`${base}/kwok does not hold bin/kwok`);
  });

  it('puts no program of several into the directory when one of them is not the published one', async () => {
    answers = {
      ...{ '/kwok': 'a program', '/kwok.sha256': sha256('a program') },
      ...{ '/etcd': 'another program', '/etcd.sha256': sha256('etcd') },
    };
    const etcd = file({
      url: `${base}/etcd`,
      checksum: { kind: 'file', url: `${base}/etcd.sha256` },
      contents: { kind: 'program', name: 'etcd' },
    });
    await obtain({ kwok: [file(), etcd] });
    expect(readdirSync(directory)).toEqual([]);
  });

  it('removes what a killed process had downloaded', async () => {
    mkdirSync(join(directory, 'downloads-killed'));
    await obtain({});
    expect(readdirSync(directory)).toEqual([]);
  });

  it('sends no request when everything is to be compiled', async () => {
    await obtain(undefined, { origin: 'modules' });
    expect(requests).toEqual([]);
    compiledBecause('ISTIO_MODULE_PROGRAMS_FROM=modules asks for it');
  });

  it('fails when releases are asked for and one cannot be had, and compiles what is not published', async () => {
    const sources = [source, { name: 'pilot-discovery', package: 'pilot-discovery' }];
    await expect(obtain(undefined, { sources, origin: 'releases' })).rejects.toThrow(
      'kwok cannot be downloaded, as said above; unset ISTIO_MODULE_PROGRAMS_FROM to have it compiled from Go modules instead',
    );
    expect(compiled).toEqual([]);
    answers = { '/kwok': 'a program', '/kwok.sha256': sha256('a program') };
    await obtain(undefined, { sources, origin: 'releases' });
    expect(compiled).toEqual(['pilot-discovery']);
  });
});

describe('chosenOrigin', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['releases', 'releases'],
    ['modules', 'modules'],
  ])('takes %p as %p', (value, origin) => {
    expect(chosenOrigin({ ISTIO_MODULE_PROGRAMS_FROM: value })).toBe(origin);
  });

  it('refuses anything else', () => {
    expect(() => chosenOrigin({ ISTIO_MODULE_PROGRAMS_FROM: 'module' })).toThrow(
      "ISTIO_MODULE_PROGRAMS_FROM is 'module': set it to 'releases' to download all that is published, " +
        "to 'modules' to compile everything, or to nothing to download what can be reached",
    );
  });
});
