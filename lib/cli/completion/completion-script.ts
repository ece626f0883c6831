/** The supported shells. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof SHELLS)[number];

/** A flag to complete. */
export interface FlagWords {
  /** All names of the flag, such as `-o` and `--output`. */
  readonly names: readonly string[];
  readonly description: string;
  readonly takesValue: boolean;
  /** All values of the flag, if it has a fixed set; otherwise the shell completes files. */
  readonly choices: readonly string[];
}

/** The commands and flags of the program. */
export interface CommandWords {
  readonly name: string;
  /** Flags of the program itself. */
  readonly flags: readonly FlagWords[];
  readonly commands: readonly {
    readonly name: string;
    readonly description: string;
    readonly flags: readonly FlagWords[];
    /** Whether the command takes arguments. */
    readonly takesArguments: boolean;
    /** All values of its arguments, if they have a fixed set; otherwise the shell completes files. */
    readonly choices: readonly string[];
  }[];
}

/** The lines of the script for a shell. */
export function completionScript(shell: Shell, words: CommandWords): readonly string[] {
  switch (shell) {
    case 'bash':
      return bashScript(words, '');
    case 'zsh':
      // zsh can run bash completions, but has no compopt, so only `complete` can declare that words are files.
      return ['autoload -Uz bashcompinit && bashcompinit', ...bashScript(words, '-o filenames ')];
    case 'fish':
      return fishScript(words);
  }
}

/** @param always an option of `complete` for all completions */
function bashScript({ name, flags, commands }: CommandWords, always: '' | '-o filenames '): readonly string[] {
  const names = commands.map((command) => command.name);
  const id = `_${name.replace(/\W/g, '_')}`;
  const offer = (choices: readonly string[]) => (choices.length > 0 ? `${id}_words ${quoted(choices)}` : `${id}_files`);
  const values = (command: string, own: readonly FlagWords[]) =>
    own
      .filter(({ takesValue }) => takesValue)
      .map((flag) => `    ${flag.names.map((text) => `'${command} ${text}'`).join('|')}) ${offer(flag.choices)} ;;`);
  return [
    `${id}_words() { COMPREPLY=($(compgen -W "$1" -- "\${COMP_WORDS[COMP_CWORD]}")); }`,
    `${id}_files() { compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}")); }`,
    `${id}() {`,
    '  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command= word',
    '  for word in "${COMP_WORDS[@]:1:$((COMP_CWORD-1))}"; do',
    `    case $word in ${names.join('|')}) command=$word; break ;; esac`,
    '  done',
    '  case "$command $previous" in',
    ...commands.flatMap((command) => values(command.name, command.flags)),
    '    *) case "$command $current" in',
    `      ' '*) ${offer([...names, ...namesOf(flags)])} ;;`,
    ...commands.flatMap((command) => {
      const own = offer(namesOf(command.flags));
      return [
        `      '${command.name} -'*) ${own} ;;`,
        `      '${command.name} '*) ${command.takesArguments ? offer(command.choices) : own} ;;`,
      ];
    }),
    '    esac ;;',
    '  esac',
    '}',
    `complete ${always}-F ${id} ${name}`,
  ];
}

function fishScript({ name, flags, commands }: CommandWords): readonly string[] {
  const line = (condition: string, rest: string) => `complete -c ${name}${condition && ` -n '${condition}'`} ${rest}`;
  const flag = (condition: string) => (one: FlagWords) =>
    line(
      condition,
      [
        ...one.names.map((text) => (text.startsWith('--') ? `-l ${text.slice(2)}` : `-s ${text.slice(1)}`)),
        ...(one.takesValue ? ['-r'] : []),
        ...(one.choices.length > 0 ? [`-f -a ${quoted(one.choices)}`] : []),
        `-d ${fishQuoted(one.description)}`,
      ].join(' '),
    );
  return [
    ...flags.map(flag('')),
    ...commands.flatMap((command) => {
      const isIn = `__fish_seen_subcommand_from ${command.name}`;
      return [
        line('__fish_use_subcommand', `-f -a ${command.name} -d ${fishQuoted(command.description)}`),
        ...command.flags.map(flag(isIn)),
        ...(command.choices.length > 0 ? [line(isIn, `-f -a ${quoted(command.choices)}`)] : []),
      ];
    }),
  ];
}

function namesOf(flags: readonly FlagWords[]): readonly string[] {
  return flags.flatMap(({ names }) => names);
}

/** Names and choices contain no quotes. */
function quoted(words: readonly string[]): string {
  return `'${words.join(' ')}'`;
}

function fishQuoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
