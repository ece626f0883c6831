import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CompilerState,
  Extractor,
  ExtractorConfig,
  ExtractorLogLevel,
  type ExtractorMessage,
} from '@microsoft/api-extractor';
import ts from 'typescript';

export const PROJECT = join(__dirname, '..', '..');

/** The public API of one entry point of the package, as text. */
export interface ApiReport {
  /** The committed report, relative to the project. */
  readonly file: string;
  readonly text: string;
  /** Types that the entry point's exports use without exporting them, and links that lead nowhere. */
  readonly problems: readonly string[];
}

interface EntryPoint {
  /** As users import it, such as `istio-module/engine`. */
  readonly name: string;
  /** Its declarations, relative to the project. */
  readonly types: string;
}

/** Today's API of every entry point in the `exports` of package.json. */
export function apiReports(): ApiReport[] {
  const folder = mkdtempSync(join(tmpdir(), 'istio-module-api-'));
  try {
    const entries = entryPoints();
    emitDeclarations(folder);
    const configs = entries.map((entry) => configOf(entry, folder));
    const [first] = configs;
    if (!first) throw new Error('package.json exports nothing that has types');
    const compilerState = CompilerState.create(first, {
      additionalEntryPoints: configs.map(({ mainEntryPointFilePath }) => mainEntryPointFilePath),
    });
    return configs.map((config) => reportOf(config, compilerState));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function entryPoints(): EntryPoint[] {
  const manifest = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
  };
  return Object.entries(manifest.exports).flatMap(([path, target]) =>
    typeof target === 'string' ? [] : [{ name: join(manifest.name, path), types: target.types }],
  );
}

/** Declarations of lib/, laid out in a folder as the build lays them out in the project. */
function emitDeclarations(folder: string): void {
  const config = ts.getParsedCommandLineOfConfigFile(
    join(PROJECT, 'tsconfig.build.json'),
    { outDir: join(folder, 'dist', 'lib'), emitDeclarationOnly: true, declaration: true, sourceMap: false },
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
        throw new Error(ts.flattenDiagnosticMessageText(messageText, ' '));
      },
    },
  );
  if (!config) throw new Error('tsconfig.build.json cannot be read');
  ts.createProgram(config.fileNames, { ...config.options, inlineSources: false }).emit();
  symlinkSync(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
  symlinkSync(join(PROJECT, 'package.json'), join(folder, 'package.json'));
}

function configOf({ name, types }: EntryPoint, folder: string): ExtractorConfig {
  const reports = join(folder, 'reports');
  mkdirSync(reports, { recursive: true });
  const none = { logLevel: ExtractorLogLevel.None, addToApiReportFile: false };
  const error = { logLevel: ExtractorLogLevel.Error, addToApiReportFile: false };
  return ExtractorConfig.prepare({
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: join(folder, types),
      newlineKind: 'lf',
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: 'ES2022',
            lib: ['ES2023'],
            module: 'node16',
            moduleResolution: 'node16',
            strict: true,
            skipLibCheck: true,
            types: ['node'],
          },
          files: [types],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: `${name.replaceAll('/', '-')}.api.md`,
        reportFolder: reports,
        reportTempFolder: join(folder, 'temp'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: error },
        extractorMessageReporting: { default: error, 'ae-missing-release-tag': none, 'ae-undocumented': none },
        // The docstrings' tags are those of JSDoc and jsii, such as `@default`.
        tsdocMessageReporting: { default: none },
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(folder, 'package.json'),
  });
}

function reportOf(config: ExtractorConfig, compilerState: CompilerState): ApiReport {
  const problems: string[] = [];
  const collect = (message: ExtractorMessage) => {
    // The other messages are progress, and the notice that the extractor uses its own TypeScript.
    if (message.logLevel === ExtractorLogLevel.Error) problems.push(message.text);
    message.handled = true;
  };
  Extractor.invoke(config, { localBuild: true, compilerState, messageCallback: collect });
  const name = config.reportConfigs[0]?.fileName ?? '';
  const text = readFileSync(join(config.reportFolder, name), 'utf8');
  return { file: join('test', 'api', name), text, problems };
}
