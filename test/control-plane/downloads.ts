import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

import type { PublishedChecksum, PublishedFile } from './published-programs';

/** A published file and the SHA-256 that it has to have. */
export interface CheckedFile extends PublishedFile {
  readonly sha256: string;
}

export interface DownloadLimits {
  /** Milliseconds for the whole answer with a checksum, which shows whether the host can be reached. */
  readonly checksum: number;

  /** Milliseconds that may pass without new data of a file. */
  readonly silence: number;
}

const defaultLimits: DownloadLimits = { checksum: 4_000, silence: 30_000 };

/** Prefix of the name of a temporary folder. */
const temporary = 'downloads-';

/** Name under which a file is downloaded. */
const downloaded = 'downloaded';

/**
 * Downloads of one build: each address is asked for once, however many programs need it. Everything lies in a temporary
 * folder until it is verified and complete.
 */
export class Downloads {
  private readonly folder: string;
  private readonly answers = new Map<string, Promise<string>>();
  private readonly folders = new Map<string, Promise<string>>();

  /**
   * @param directory receives the programs, and no other process may write to it; the temporary folder is in it, so
   *   that a program is moved by renaming it
   */
  constructor(
    private readonly directory: string,
    private readonly limits: DownloadLimits = defaultLimits,
  ) {
    mkdirSync(directory, { recursive: true });
    // A process that was killed leaves its downloads behind.
    for (const name of readdirSync(directory).filter((one) => one.startsWith(temporary))) {
      rmSync(join(directory, name), { recursive: true, force: true });
    }
    this.folder = mkdtempSync(join(directory, temporary));
  }

  /**
   * Asks for the checksum of a file.
   *
   * @throws Error when the host does not answer in time, or the answer has no checksum of this file
   */
  async check(file: PublishedFile): Promise<CheckedFile> {
    const { url } = file.checksum;
    const answer = this.answers.get(url) ?? this.text(url);
    this.answers.set(url, answer);
    return { ...file, sha256: checksumIn(await answer, file.checksum, basename(file.url)) };
  }

  /**
   * Downloads files, and puts the programs that they hold into the directory when all of them are verified.
   *
   * @throws Error when a file is incomplete, is not the published one, or does not contain its programs
   */
  async install(files: readonly CheckedFile[]): Promise<void> {
    const programs: { readonly name: string; readonly path: string }[] = [];
    for (const file of files) {
      const folder = await this.unpacked(file);
      const held = file.contents.kind === 'program' ? { [file.contents.name]: downloaded } : file.contents.programs;
      for (const [name, path] of Object.entries(held)) {
        if (!existsSync(join(folder, path))) {
          throw new Error(`${file.url} does not hold ${path}`);
        }
        programs.push({ name, path: join(folder, path) });
      }
    }
    for (const { path } of programs) {
      chmodSync(path, 0o755);
    }
    for (const { name, path } of programs) {
      renameSync(path, join(this.directory, name));
    }
  }

  /** Removes what is left of the downloads. */
  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async text(url: string): Promise<string> {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(this.limits.checksum) });
      if (!response.ok) {
        throw new Error(`answers ${String(response.status)}`);
      }
      return await response.text();
    } catch (error) {
      throw new Error(`${url} ${reasonOf(error, this.limits.checksum)}`, { cause: error });
    }
  }

  /** The folder that holds the verified file, and what is in it if it is an archive. */
  private unpacked(file: CheckedFile): Promise<string> {
    const folder = this.folders.get(file.url) ?? this.unpack(file);
    this.folders.set(file.url, folder);
    return folder;
  }

  private async unpack({ url, sha256, contents }: CheckedFile): Promise<string> {
    const folder = mkdtempSync(join(this.folder, 'file-'));
    const path = join(folder, downloaded);
    const found = await this.download(url, path);
    if (found !== sha256) {
      throw new Error(`${url} has the SHA-256 ${found}, and not ${sha256}, which is published for it`);
    }
    if (contents.kind === 'archive') {
      await promisify(execFile)('tar', ['-xzf', path, '-C', folder]);
      rmSync(path);
    }
    return folder;
  }

  /** @returns the SHA-256 of what arrived */
  private async download(url: string, path: string): Promise<string> {
    const hash = createHash('sha256');
    const abort = new AbortController();
    const silence = setTimeout(() => {
      abort.abort(new DOMException('', 'TimeoutError'));
    }, this.limits.silence);
    try {
      // A file that the host compresses in transit would not match its published checksum.
      const response = await fetch(url, { signal: abort.signal, headers: { 'accept-encoding': 'identity' } });
      if (!response.ok || response.body === null) {
        throw new Error(`answers ${String(response.status)}`);
      }
      const measured = async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          silence.refresh();
          hash.update(chunk);
          yield chunk;
        }
      };
      await pipeline(Readable.fromWeb(response.body), measured, createWriteStream(path));
      return hash.digest('hex');
    } catch (error) {
      throw new Error(`${url} ${reasonOf(error, this.limits.silence)}`, { cause: error });
    } finally {
      clearTimeout(silence);
    }
  }
}

/** @throws Error when the text has no SHA-256 of the file */
function checksumIn(text: string, { kind, url }: PublishedChecksum, file: string): string {
  try {
    const found = kind === 'file' ? inList(text, file) : inRelease(text, file);
    if (found !== undefined) {
      return found;
    }
  } catch (error) {
    throw new Error(`${url} is not GitHub's description of a release`, { cause: error });
  }
  throw new Error(`${url} has no SHA-256 of ${file}`);
}

function inList(text: string, file: string): string | undefined {
  const line = text
    .split('\n')
    .map((one) => one.trim())
    .find((one) => one.endsWith(file));
  const sum = line === undefined ? text.trim() : line.split(/\s+/)[0];
  return sum !== undefined && sha256.test(sum) ? sum : undefined;
}

function inRelease(text: string, file: string): string | undefined {
  const { assets = [] } = JSON.parse(text) as { readonly assets?: readonly { name: string; digest?: string | null }[] };
  const sum = assets.find(({ name }) => name === file)?.digest?.replace(/^sha256:/, '');
  return sum !== undefined && sha256.test(sum) ? sum : undefined;
}

const sha256 = /^[0-9a-f]{64}$/;

/**
 * Why a request failed, as it follows the address in a message: fetch itself only reports `fetch failed` or
 * `terminated`.
 */
function reasonOf(error: unknown, limit: number): string {
  const { name, message, cause } = error as Error & { readonly cause?: { readonly code?: string } };
  if (name === 'TimeoutError') {
    return `does not answer within ${String(limit / 1000)} s`;
  }
  if (cause?.code === undefined) {
    return message;
  }
  return `${message === 'terminated' ? 'breaks off' : 'cannot be reached'} (${cause.code})`;
}
