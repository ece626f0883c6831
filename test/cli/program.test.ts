import { COMMANDS } from '../../lib/cli/commands';
import { main } from '../../lib/cli/main';
import { program } from '../../lib/cli/program';
import { Terminal } from '../../lib/cli/terminal';
import { RecordedProcess } from './recorded-process';

const NAMES = COMMANDS.map(({ name }) => name);

function withArguments(args?: readonly string[]) {
  return program(new Terminal(new RecordedProcess()), () => undefined, args);
}

async function printed(...args: readonly string[]): Promise<string> {
  const process = new RecordedProcess();
  await main(args, new Terminal(process));
  return process.written.stdout;
}

describe('the program', () => {
  test('has flags only for the commands among its arguments', () => {
    const { commands } = withArguments(['--verbose', 'plan', '-o', 'json']);
    expect(commands.map((command) => command.name())).toEqual(NAMES);
    expect(commands.filter(({ options }) => options.length > 0).map((command) => command.name())).toEqual(['plan']);
  });

  test('lists every command in the same way, whether its flags are loaded or not', async () => {
    const list = (args?: readonly string[]) => {
      const { commands } = withArguments(args);
      return commands.map((command) => `${command.name()} ${command.usage()}: ${command.description()}`);
    };
    expect(list(['--help'])).toEqual(list());
    const help = await printed('--help');
    for (const { name, argument = '' } of COMMANDS) {
      expect(help).toContain(`  ${`${name} [options] ${argument}`.trimEnd()} `);
    }
  });

  test.each([[['help', 'watch']], [['watch', '--help']]])('shows the flags of a command with %j', async (args) => {
    expect(await printed(...args)).toContain('--lease');
  });

  test('completes the flags of all commands', async () => {
    const script = await printed('completion', 'bash');
    for (const flag of ['--detailed-exitcode', '--in-place', '--lease', '--to']) {
      expect(script).toContain(flag);
    }
  });

  test('suggests commands that it has not loaded', async () => {
    const process = new RecordedProcess();
    await main(['plna'], new Terminal(process));
    expect(process.written.stderr).toContain('Did you mean plan?');
  });
});
