import { Terminal } from '../../lib/cli/terminal';
import { program } from '../../lib/cli/program';
import { DOCUMENTS, read } from './documents';
import { codeIn, tableWith } from './markdown-table';
import { withoutFences } from './without-fences';

const text = withoutFences(read('docs/command-line.md'));
const { commands } = program(new Terminal(process), () => undefined);

/** The flags of a command in their long form, without those of help. */
function flagsOf(name: string): readonly string[] {
  const command = commands.find((one) => one.name() === name);
  return (command?.options ?? []).flatMap(({ long }) => long ?? []);
}

/** The flags that a text names, in code. */
function flagsIn(part: string): readonly string[] {
  return codeIn(part).flatMap((code) => code.match(/(?<!\S)--?[a-z][a-z-]*/gi) ?? []);
}

describe('docs/command-line.md', () => {
  test('has a section for every command, or a row of its table', () => {
    const named = tableWith(text, 'command').flatMap(({ command }) => codeIn(command));
    expect([...new Set(named.map((one) => one.split(' ')[0]))].sort()).toEqual(
      commands.map((one) => one.name()).sort(),
    );
  });

  test('says of the common flags which commands have them', () => {
    const others = (names: readonly string[]) =>
      commands.map((one) => one.name()).filter((one) => !names.includes(one));
    for (const { flag = '', commands: of = '' } of tableWith(text, 'commands')) {
      const [long = ''] = flagsIn(flag).filter((one) => one.startsWith('--'));
      const having = commands.map((one) => one.name()).filter((name) => flagsOf(name).includes(long));
      const said = of.startsWith('all but ') ? others(codeIn(of)) : codeIn(of);
      expect({ long, said: [...said].sort() }).toEqual({ long, said: [...having].sort() });
    }
  });

  test('names every flag of a command in its section or among the common ones, and no other flag', () => {
    const common = tableWith(text, 'commands').flatMap(({ flag = '' }) => flagsIn(flag));
    const sections = new Map(text.split(/^## /m).map((part) => [part.split('\n')[0] ?? '', part]));
    const own = commands.flatMap((command) => {
      const part = [...sections]
        .filter(([title]) => title.split(' ')[0] === command.name())
        .map(([, section]) => section);
      return flagsOf(command.name())
        .filter((flag) => !common.includes(flag) && !flagsIn(part.join('\n')).includes(flag))
        .map((flag) => `${command.name()} ${flag}`);
    });
    // Flags of `remove` are those of `restart`, as its section says.
    expect(own.filter((one) => !one.startsWith('remove '))).toEqual([]);
    expect(flagsOf('remove').filter((flag) => !flagsOf('restart').includes(flag))).toEqual([]);
    const known = commands.flatMap(({ options }) => options.flatMap(({ long, short }) => [long, short]));
    expect(flagsIn(text).filter((flag) => flag !== '--verbose' && !known.includes(flag))).toEqual([]);
  });
});

test('the documents call commands and flags that there are', () => {
  const called = DOCUMENTS.flatMap((document) =>
    [...read(document).matchAll(/istio-module (plan|restart|remove|watch|check|graph|completion)\b([^|>#`\n]*)/g)].map(
      ([line, name = '', rest = '']) => ({ document, line, name, flags: rest.match(/(?<!\S)--[a-z][a-z-]*/g) ?? [] }),
    ),
  );
  expect(called.length).toBeGreaterThan(10);
  const unknown = called.filter(({ name, flags }) => flags.some((flag) => !flagsOf(name).includes(flag)));
  expect(unknown.map(({ document, line }) => `${document}: ${line}`)).toEqual([]);
});
