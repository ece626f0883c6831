import { parseArgs } from 'node:util';

/** What `npm start` is asked to do. */
export type CommandLine =
  | { readonly command: 'help' }
  | { readonly command: 'local'; readonly keep: boolean }
  | {
      readonly command: 'existing';
      readonly context: string;
      readonly charts: string | undefined;
      readonly values: string | undefined;
    };

/** A command line that is not valid; its message is one sentence for the user. */
export class CommandLineError extends Error {
  constructor(message: string) {
    super(`${message} See \`npm start -- --help\`.`);
    this.name = 'CommandLineError';
  }
}

export const HELP = `Shows the life of a mesh: sample workloads, \`pulumi up\`, a change, nothing changed, \`pulumi destroy\`.

  npm start                            on a control plane on this machine, which it builds (Go 1.26 or newer) and boots
  npm start -- --keep                  keeps that control plane running, with Istio, and prints how to reach and stop it
  npm start -- --context NAME          on a cluster that you have, with the pulumi and helm on your PATH;
                                       the context is looked up where kubectl does: KUBECONFIG, else ~/.kube/config

With --context:
  --charts DIRECTORY                   the charts of both versions of Istio (manifests/charts of each release), each in a
                                       folder named after its version; for clusters without internet
  --values FILE                        raw values for them, as JSON: {"base": {…}, "istiod": {…}, "cni": {…}}

  --help                               prints this
`;

const options = {
  help: { type: 'boolean' },
  keep: { type: 'boolean' },
  context: { type: 'string' },
  charts: { type: 'string' },
  values: { type: 'string' },
} as const;

/**
 * Reads the arguments of `npm start`.
 *
 * @throws CommandLineError for the first thing that is wrong with them
 */
export function readCommandLine(args: readonly string[]): CommandLine {
  const { values: given, tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind === 'positional') {
      throw new CommandLineError(`\`${token.value}\` is not an argument of npm start, which takes options only.`);
    }
    if (token.kind === 'option') {
      checkOption(token.name, token.rawName, token.value);
    }
  }
  if (given.help === true) {
    return { command: 'help' };
  }
  const [context, charts, values] = [text(given.context), text(given.charts), text(given.values)];
  if (context === undefined) {
    const alone = charts !== undefined ? '--charts' : values !== undefined ? '--values' : undefined;
    if (alone !== undefined) {
      throw new CommandLineError(
        `${alone} goes with --context: the control plane on this machine brings its own charts and values.`,
      );
    }
    return { command: 'local', keep: given.keep === true };
  }
  if (given.keep === true) {
    throw new CommandLineError(
      '--keep is about the control plane on this machine; a cluster of --context stays anyway, and is left as it was.',
    );
  }
  return { command: 'existing', context, charts, values };
}

function checkOption(name: string, rawName: string, value: string | undefined): void {
  if (!isOption(name)) {
    throw new CommandLineError(`\`${rawName}\` is not an option of npm start.`);
  }
  if (options[name].type === 'string' && (value === undefined || value === '')) {
    throw new CommandLineError(`\`${rawName}\` needs a value.`);
  }
  if (options[name].type === 'boolean' && value !== undefined) {
    throw new CommandLineError(`\`${rawName}\` takes no value, but got \`${value}\`.`);
  }
}

function isOption(name: string): name is keyof typeof options {
  return Object.hasOwn(options, name);
}

function text(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
