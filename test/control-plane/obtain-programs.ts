import { buildPrograms } from './build-programs';
import { type CheckedFile, type DownloadLimits, Downloads } from './downloads';
import type { ProgramSource } from './program-sources';
import { type PublishedFile, publishedFiles } from './published-programs';

/** Sets the only origin of programs; without this variable, releases are used where they can be reached. */
export const originVariable = 'ISTIO_MODULE_PROGRAMS_FROM';

const origins = ['releases', 'modules'] as const;

/** Releases of the projects, or Go modules that are compiled. */
export type Origin = (typeof origins)[number];

/**
 * The origin that the environment asks for.
 *
 * @throws Error when the variable has any other value
 */
export function chosenOrigin(env: NodeJS.ProcessEnv): Origin | undefined {
  const value = env[originVariable] ?? '';
  const origin = origins.find((one) => one === value);
  if (origin === undefined && value !== '') {
    throw new Error(
      `${originVariable} is '${value}': set it to 'releases' to download all that is published, to 'modules' to compile ` +
        'everything, or to nothing to download what can be reached',
    );
  }
  return origin;
}

export interface ObtainOptions {
  /** @default - the one in ISTIO_MODULE_PROGRAMS_FROM; without that variable, releases that can be reached */
  readonly origin?: Origin;

  /** @default - the files that the projects publish */
  readonly published?: (program: string) => readonly PublishedFile[] | undefined;

  /** @default - `buildPrograms` */
  readonly build?: typeof buildPrograms;

  /** @default - 4 seconds for a checksum, 30 seconds without a byte of a file */
  readonly limits?: DownloadLimits;
}

type Way =
  | { readonly kind: 'download'; readonly files: readonly CheckedFile[] }
  | { readonly kind: 'compile'; readonly reason: string };

/**
 * Puts programs into a directory: downloads what is published and can be reached, and compiles the rest. No other
 * process may write to the directory.
 *
 * @param progress receives a line for each program, which says where it comes from and why, and the progress of the
 *   build
 * @throws Error when Go is missing or too old, a program cannot be built, or a program that has to be downloaded cannot
 *   be
 */
export async function obtainPrograms(
  sources: readonly ProgramSource[],
  directory: string,
  progress: (line: string) => void,
  options: ObtainOptions = {},
): Promise<void> {
  const origin = options.origin ?? chosenOrigin(process.env);
  const published = options.published ?? publishedFiles;
  const downloads = new Downloads(directory, options.limits);
  try {
    const ways = await Promise.all(
      sources.map(async ({ name }) => {
        const way = await taken(await wayTo(published(name), origin, downloads), downloads);
        progress(lineOf(name, way));
        return way;
      }),
    );
    const compiled = sources.filter((_, index) => ways[index]?.kind === 'compile');
    const unreachable = origin === 'releases' ? compiled.find(({ name }) => published(name) !== undefined) : undefined;
    if (unreachable !== undefined) {
      throw new Error(
        `${unreachable.name} cannot be downloaded, as said above; unset ${originVariable} to have it compiled from Go ` +
          'modules instead',
      );
    }
    await (options.build ?? buildPrograms)(compiled, directory, progress);
  } finally {
    downloads.close();
  }
}

function lineOf(name: string, way: Way): string {
  return way.kind === 'download'
    ? `${name}: downloaded ${way.files.map(({ url }) => url).join(', ')}, with the SHA-256 that is published`
    : `${name}: compiled from Go modules, since ${way.reason}`;
}

/** Asks for the checksums: that shows whether the hosts can be reached. */
async function wayTo(
  files: readonly PublishedFile[] | undefined,
  origin: Origin | undefined,
  downloads: Downloads,
): Promise<Way> {
  if (files === undefined) {
    return { kind: 'compile', reason: 'it is not published for this machine' };
  }
  if (origin === 'modules') {
    return { kind: 'compile', reason: `${originVariable}=modules asks for it` };
  }
  try {
    return { kind: 'download', files: await Promise.all(files.map((file) => downloads.check(file))) };
  } catch (error) {
    return { kind: 'compile', reason: (error as Error).message };
  }
}

/** The way that is taken in the end: a program whose download fails is compiled. */
async function taken(way: Way, downloads: Downloads): Promise<Way> {
  if (way.kind === 'compile') {
    return way;
  }
  try {
    await downloads.install(way.files);
    return way;
  } catch (error) {
    return { kind: 'compile', reason: (error as Error).message };
  }
}
