import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { installKubernetesProvider } from './kubernetes-provider';
import { killTree } from './process-tree';

export interface PulumiWorkspaceOptions {
  /** The project: holds Pulumi.yaml. */
  readonly project: string;

  /** Holds the backend, the stack's configuration and Pulumi's own files; created when missing. */
  readonly state: string;

  /** With `pulumi` and its plugins on its PATH, such as `ControlPlane.env()`. */
  readonly env: NodeJS.ProcessEnv;

  /**
   * Holds Pulumi's plugins and settings, shared by workspaces so that plugins are installed once.
   *
   * @default - a folder in `state`
   */
  readonly home?: string;

  /**
   * When an update saves the state: after each resource, which is necessary for an update that may be killed, or once
   * at the end of the update, which halves the processor time.
   *
   * @default 'at the end'
   */
  readonly checkpoints?: 'after each resource' | 'at the end';

  /**
   * Receives every line of output as it comes.
   *
   * @default - progress is not reported
   */
  readonly output?: (line: string) => void;
}

/** One line under Diagnostics. */
export interface Diagnostic {
  readonly severity: 'info' | 'info#err' | 'warning' | 'error';
  readonly message: string;
  /** The resource it is about. */
  readonly urn?: string;
}

/** What the engine did to one resource, or would do. */
export interface ResourceStep {
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  /** Paths of the changed inputs. */
  readonly diffs: readonly string[];
}

export interface PulumiResult {
  /** `null` when the process was killed. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly diagnostics: readonly Diagnostic[];
  /** Every resource's step, unchanged ones (`same`) included. */
  readonly steps: readonly ResourceStep[];
  /** Number of resources by operation, such as `create`, `update`, `same`. */
  readonly changes: Readonly<Record<string, number>>;
}

/** An update that is under way. */
export interface RunningUpdate {
  readonly pid: number;
  /** What has been printed so far. */
  output(): string;
  /** Kills Pulumi with all its plugins, as a power failure would. */
  kill(): void;
  readonly result: Promise<PulumiResult>;
}

interface EngineEvent {
  readonly diagnosticEvent?: {
    urn?: string;
    message: string;
    severity: Diagnostic['severity'] | 'debug';
    ephemeral?: boolean;
  };
  readonly resourcePreEvent?: {
    metadata: { op: string; urn: string; type: string; diffs?: string[]; detailedDiff?: Record<string, unknown> };
  };
  readonly summaryEvent?: { resourceChanges?: Record<string, number> };
}

/** The real Pulumi CLI on one project, with its state in a folder instead of Pulumi's service. */
export class PulumiWorkspace {
  static async create(options: PulumiWorkspaceOptions): Promise<PulumiWorkspace> {
    const state = resolve(options.state);
    const backend = join(state, 'backend');
    const home = resolve(options.home ?? join(state, 'home'));
    mkdirSync(backend, { recursive: true });
    installKubernetesProvider(home, options.env);
    logNothing(home);
    const env = {
      ...options.env,
      PULUMI_HOME: home,
      PULUMI_BACKEND_URL: `file://${backend}`,
      PULUMI_CONFIG_PASSPHRASE: 'local control plane',
      PULUMI_SKIP_UPDATE_CHECK: '1',
      // Allows --event-log, from which diagnostics are read instead of from text.
      PULUMI_DEBUG_COMMANDS: 'true',
      // `npm run types` has checked the programs; Pulumi would do so again at each start.
      PULUMI_NODEJS_TRANSPILE_ONLY: 'true',
      PULUMI_SKIP_CHECKPOINTS: String(options.checkpoints !== 'after each resource'),
    };
    return new PulumiWorkspace(resolve(options.project), state, env, options.output);
  }

  private stack = 'dev';

  private constructor(
    private readonly project: string,
    private readonly state: string,
    /** The environment in which Pulumi runs. */
    readonly env: NodeJS.ProcessEnv,
    private readonly output?: (line: string) => void,
  ) {}

  /** Creates the stack and uses it from now on. */
  async init(stack: string): Promise<void> {
    this.stack = stack;
    await this.succeed(['stack', 'init', stack, '--no-select']);
    // Pulumi writes the stack's file next to the project, where it would show up as a change to the repository.
    const written = join(this.project, `Pulumi.${stack}.yaml`);
    if (existsSync(written)) {
      renameSync(written, this.configFile);
    }
  }

  async setConfig(key: string, value: string, options: { readonly secret?: boolean } = {}): Promise<void> {
    const secret = options.secret === true ? '--secret' : '--plaintext';
    await this.succeed(['config', 'set', ...this.stackFlags, ...this.configFlags, secret, '--', key, value]);
  }

  async removeConfig(key: string): Promise<void> {
    await this.succeed(['config', 'rm', ...this.stackFlags, ...this.configFlags, '--', key]);
  }

  up(extraArgs: readonly string[] = []): Promise<PulumiResult> {
    return this.spawnUp(extraArgs).result;
  }

  /** Starts `pulumi up` and returns at once. */
  spawnUp(extraArgs: readonly string[] = []): RunningUpdate {
    return this.start(['up', '--yes', '--skip-preview', ...extraArgs]);
  }

  preview(extraArgs: readonly string[] = []): Promise<PulumiResult> {
    return this.start(['preview', '--diff', ...extraArgs]).result;
  }

  refresh(extraArgs: readonly string[] = []): Promise<PulumiResult> {
    return this.start(['refresh', '--yes', '--skip-preview', ...extraArgs]).result;
  }

  destroy(extraArgs: readonly string[] = []): Promise<PulumiResult> {
    return this.start(['destroy', '--yes', '--skip-preview', ...extraArgs]).result;
  }

  /** Releases the lock that a killed update left behind. */
  async cancel(): Promise<void> {
    await this.succeed(['cancel', '--yes', this.stack]);
  }

  /** The stack's outputs, secrets included. */
  async outputs<T = Record<string, unknown>>(): Promise<T> {
    return this.json<T>(['stack', 'output', '--json', '--show-secrets', ...this.stackFlags]);
  }

  /** The stack's state, as it is stored in the backend: secrets are ciphertext. */
  async exportState<T = { deployment: { resources?: { urn: string; outputs?: object }[] } }>(): Promise<T> {
    return this.json<T>(['stack', 'export', ...this.stackFlags]);
  }

  /** Runs any other command of the CLI. */
  async run(args: readonly string[]): Promise<PulumiResult> {
    return this.spawn(args).result;
  }

  private get configFile(): string {
    return join(this.state, `Pulumi.${this.stack}.yaml`);
  }

  private get stackFlags(): string[] {
    return ['--stack', this.stack];
  }

  private get configFlags(): string[] {
    return ['--config-file', this.configFile];
  }

  private async json<T>(args: readonly string[]): Promise<T> {
    return JSON.parse((await this.succeed(args)).stdout) as T;
  }

  private async succeed(args: readonly string[]): Promise<PulumiResult> {
    const result = await this.spawn(args, undefined, true).result;
    if (result.exitCode !== 0) {
      throw new Error(`\`pulumi ${args.join(' ')}\` ended with exit code ${String(result.exitCode)}: ${result.stderr}`);
    }
    return result;
  }

  private start(args: readonly string[]): RunningUpdate {
    const events = join(mkdtempSync(join(this.state, 'events-')), 'events.json');
    const [command = '', ...rest] = args;
    return this.spawn([command, ...this.stackFlags, ...this.configFlags, '--event-log', events, ...rest], events);
  }

  private spawn(args: readonly string[], events?: string, quiet = false): RunningUpdate {
    const child = spawn('pulumi', ['--non-interactive', '--color', 'never', ...args], {
      cwd: this.project,
      env: this.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: a Ctrl-C meant for the caller must not interrupt an update half-way.
      detached: true,
    });
    const stdout = this.collect(child.stdout, quiet);
    const stderr = this.collect(child.stderr, quiet);
    return {
      pid: child.pid ?? 0,
      output: () => stdout() + stderr(),
      kill: () => {
        if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
          killTree(child.pid);
        }
      },
      result: exitOf(child).then((exitCode) => ({
        exitCode,
        stdout: stdout(),
        stderr: stderr(),
        ...digest(events === undefined ? [] : readEvents(events)),
      })),
    };
  }

  private collect(stream: NodeJS.ReadableStream, quiet: boolean): () => string {
    let text = '';
    let told = 0;
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      text += chunk;
      for (let end = text.indexOf('\n', told); end >= 0 && !quiet; end = text.indexOf('\n', told)) {
        this.output?.(text.slice(told, end));
        told = end + 1;
      }
    });
    return () => text;
  }
}

/**
 * Pulumi logs everything that it does to files in its home, encrypted and compressed, which takes more than half of its
 * processor time. No setting turns this off, but if the folder of logs cannot be created, Pulumi works without logs.
 */
function logNothing(home: string): void {
  mkdirSync(home, { recursive: true });
  const folder = join(home, 'logs');
  rmSync(folder, { recursive: true, force: true });
  writeFileSync(folder, '');
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolvePromise, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      resolvePromise(code);
    });
  });
}

function readEvents(file: string): EngineEvent[] {
  if (!existsSync(file)) {
    return [];
  }
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return line === '' ? [] : [JSON.parse(line) as EngineEvent];
      } catch {
        // The last line of a killed update may be cut off.
        return [];
      }
    });
}

function digest(events: readonly EngineEvent[]): Pick<PulumiResult, 'changes' | 'diagnostics' | 'steps'> {
  const diagnostics = events.flatMap(({ diagnosticEvent: event }) =>
    event === undefined || event.ephemeral === true || event.severity === 'debug'
      ? []
      : [
          {
            severity: event.severity,
            message: event.message.replace(/<\{%.*?%\}>/g, '').trimEnd(),
            ...(event.urn === undefined || event.urn === '' ? {} : { urn: event.urn }),
          },
        ],
  );
  const steps = events.flatMap(({ resourcePreEvent: event }) =>
    event === undefined
      ? []
      : [
          {
            op: event.metadata.op,
            urn: event.metadata.urn,
            type: event.metadata.type,
            diffs: Object.keys(event.metadata.detailedDiff ?? {}),
          },
        ],
  );
  const summary = events.findLast(({ summaryEvent }) => summaryEvent !== undefined)?.summaryEvent;
  return { diagnostics, steps, changes: summary?.resourceChanges ?? {} };
}
