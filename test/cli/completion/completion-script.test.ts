import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { completionScript, type CommandWords } from '../../../lib/cli/completion/completion-script';

const WORDS: CommandWords = {
  name: 'istio-module',
  flags: [{ names: ['-V', '--version'], description: 'print the version', takesValue: false, choices: [] }],
  commands: [
    {
      name: 'plan',
      description: "show what is out of date, and what isn't",
      flags: [
        { names: ['-o', '--output'], description: 'the format', takesValue: true, choices: ['json', 'wide'] },
        { names: ['--with'], description: 'manifests', takesValue: true, choices: [] },
      ],
      takesArguments: false,
      choices: [],
    },
    { name: 'graph', description: 'draw', flags: [], takesArguments: true, choices: [] },
    { name: 'completion', description: 'this', flags: [], takesArguments: true, choices: ['bash', 'fish'] },
  ],
};

/** How a shell runs the script's function for a line that is given as its arguments, and prints what it offers. */
const RUNS = {
  bash: {
    args: ['--noprofile', '--norc', '-c'],
    run: 'source ./script; COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _istio_module; printf "%s\\n" "${COMPREPLY[@]}"',
  },
  // As zsh's bashcompinit calls it, without a line editor.
  zsh: {
    args: ['-f', '-c'],
    run: 'compdef() { :; }; source ./script; run() { emulate -L sh; setopt kshglob noshglob braceexpand; COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _istio_module; printf "%s\\n" "${COMPREPLY[@]}"; }; run "$@"',
  },
};
const isInstalled = (shell: string) => spawnSync(shell, ['-c', 'true']).status === 0;
const INSTALLED = (['bash', 'zsh'] as const).filter(isInstalled);

describe.each(INSTALLED)('the completion script for %s', (shell) => {
  let directory: string;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'istio-module-completion-'));
    writeFileSync(join(directory, 'mesh.yaml'), '');
    writeFileSync(join(directory, 'script'), completionScript(shell, WORDS).join('\n'));
  });

  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  /** What the shell offers for the last of these words. */
  function offered(...words: string[]): string[] {
    const { args, run } = RUNS[shell];
    const output = execFileSync(shell, [...args, run, shell, 'istio-module', ...words], {
      cwd: directory,
      encoding: 'utf8',
    });
    // zsh itself leaves out what does not begin with the word.
    const begin = shell === 'zsh' ? (words.at(-1) ?? '') : '';
    return output.split('\n').filter((word) => word !== '' && word.startsWith(begin));
  }

  test.each([
    ['a command', ['p'], ['plan']],
    ['all commands, and the flags of the program', [''], ['plan', 'graph', 'completion', '-V', '--version']],
    ['the flags of a command', ['plan', '--'], ['--output', '--with']],
    ['the flags of a command that takes no arguments', ['plan', ''], ['-o', '--output', '--with']],
    ['a value where there is a choice', ['plan', '-o', 'w'], ['wide']],
    ['a file as the value of any other flag', ['plan', '--with', 'm'], ['mesh.yaml']],
    ['an argument where there is a choice', ['completion', ''], ['bash', 'fish']],
    ['a file as any other argument', ['graph', 'mesh'], ['mesh.yaml']],
    ['nothing where nothing fits', ['plan', '-o', 'x'], []],
  ])('completes %s', (_, words, expected) => {
    expect(offered(...words)).toEqual(expected);
  });
});

test('the completion script for bash does not treat all words as file names, and the one for zsh does', () => {
  const [first, ...rest] = completionScript('zsh', WORDS);
  expect(first).toBe('autoload -Uz bashcompinit && bashcompinit');
  const bash = completionScript('bash', WORDS);
  expect(rest.slice(0, -1)).toEqual(bash.slice(0, -1));
  expect([bash.at(-1), rest.at(-1)]).toEqual([
    'complete -F _istio_module istio-module',
    'complete -o filenames -F _istio_module istio-module',
  ]);
});

// In a slice, zsh reads `:C` as a modifier; it reads the slice that the script has as bash does.
test.each(['bash', 'zsh'] as const)(
  'the completion script for %s has no slice whose length begins with a letter',
  (shell) => {
    const script = completionScript(shell, WORDS).join('\n');
    expect(script).toContain('${COMP_WORDS[@]:1:$((COMP_CWORD-1))}');
    expect(script).not.toMatch(/\$\{[^}]*:[A-Za-z]/);
  },
);

test('the completion script for fish has a line for each command, flag and choice', () => {
  expect(completionScript('fish', WORDS)).toEqual([
    "complete -c istio-module -s V -l version -d 'print the version'",
    "complete -c istio-module -n '__fish_use_subcommand' -f -a plan -d 'show what is out of date, and what isn\\'t'",
    "complete -c istio-module -n '__fish_seen_subcommand_from plan' -s o -l output -r -f -a 'json wide' -d 'the format'",
    "complete -c istio-module -n '__fish_seen_subcommand_from plan' -l with -r -d 'manifests'",
    "complete -c istio-module -n '__fish_use_subcommand' -f -a graph -d 'draw'",
    "complete -c istio-module -n '__fish_use_subcommand' -f -a completion -d 'this'",
    "complete -c istio-module -n '__fish_seen_subcommand_from completion' -f -a 'bash fish'",
  ]);
});
