import { main } from '../../lib/cli/main';
import { Terminal } from '../../lib/cli/terminal';
import { kubeconfigFor } from '../engine/fake-api-server';
import { RecordedProcess, type RecordedOptions } from './recorded-process';

async function run(args: readonly string[], options?: RecordedOptions) {
  const process = new RecordedProcess(options);
  const code = await main(args, new Terminal(process));
  return { ...process.written, code };
}

describe('main', () => {
  test('has help on stdout, and ends with 0', async () => {
    const help = await run(['--help']);
    expect(help).toMatchObject({ stderr: '', code: 0 });
    expect(help.stdout).toMatch(/^Usage: istio-module \[options\] \[command\]\n/);
    expect((await run(['plan', '--help'])).stdout).toMatch(/^Usage: istio-module plan \[options\]\n/);
  });

  test('fits help to the terminal, but no wider than is good to read', async () => {
    const widest = async (columns: number) => {
      const { stdout } = await run(['plan', '--help'], { terminals: ['stdout'], columns });
      return Math.max(...stdout.split('\n').map((line) => line.length));
    };
    expect(await widest(90)).toBeLessThanOrEqual(90);
    expect(await widest(300)).toBeLessThanOrEqual(100);
  });

  test('shows arguments without their control characters', async () => {
    const { stdout, stderr } = await run(['pl\u001b[2Jan']);
    expect([stdout, stderr]).toEqual(['', "error: unknown command 'pl [2Jan'\n"]);
  });

  test.each(['-V', '--version'])('prints its version with %s', async (flag) => {
    const { version } = jest.requireActual<{ version: string }>('../../package.json');
    expect(await run([flag])).toEqual({ stdout: `${version}\n`, stderr: '', code: 0 });
  });

  test.each([
    [['pan'], "error: unknown command 'pan'\n(Did you mean plan?)\n"],
    [['plan', '--namspace', 'a'], "error: unknown option '--namspace'\n(Did you mean --namespace?)\n"],
    [['plan', 'shop'], "error: too many arguments for 'plan'. Expected 0 arguments but got 1.\n"],
    [['plan', '-n'], "error: option '-n, --namespace <name>' argument missing\n"],
    [
      ['plan', '-o', 'xml'],
      "error: option '-o, --output <format>' argument 'xml' is invalid. Allowed choices are wide, json, yaml, markdown, name.\n",
    ],
    [
      ['plan', '--request-timeout', 'soon'],
      "error: option '--request-timeout <duration>' argument 'soon' is invalid. Write a duration such as 30s, 5m or 1h30m.\n",
    ],
    [
      ['plan', '--request-timeout', '556h'],
      "error: option '--request-timeout <duration>' argument '556h' is invalid. Write a duration of 555h or less.\n",
    ],
    [
      ['plan', '--kubeconfig', ''],
      "error: option '--kubeconfig <path>' argument '' is invalid. Write the path of a kubeconfig, or leave it out.\n",
    ],
    [
      ['check', '--context', ' '],
      "error: option '--context <name>' argument ' ' is invalid. Write the name of a context, or leave it out.\n",
    ],
    [
      ['check', '-n', 'shop', '-n', ''],
      "error: option '-n, --namespace <name>' argument '' is invalid. Write the name of a namespace, or several separated by commas.\n",
    ],
    [
      ['restart', '-y', '-n', 'Shop'],
      "error: option '-n, --namespace <name>' argument 'Shop' is invalid. Write the name of a namespace, or several separated by commas.\n",
    ],
    [
      ['restart', '-y', '--timeout=-1'],
      "error: option '--timeout <duration>' argument '-1' is invalid. Write a duration such as 30s, 5m or 1h30m.\n",
    ],
    [
      ['remove', '-y', '--deadline', '0'],
      "error: option '--deadline <duration>' argument '0' is invalid. Write a duration of 1s or more.\n",
    ],
    [
      ['restart', '-y', '--max-concurrent', '99999999999999999999'],
      "error: option '--max-concurrent <number>' argument '99999999999999999999' is invalid. Write a whole number from 1 to 1000000.\n",
    ],
    [
      ['check', '--to', '1.31'],
      "error: option '--to <version>' argument '1.31' is invalid. Write a version of Istio such as 1.31.1.\n",
    ],
    [
      ['check', '--allow-downgrade'],
      'error: --allow-downgrade requires --to; add --to with a version, or remove --allow-downgrade.\n',
    ],
    [
      ['check', '--to', '1.31.1', '--for', 'uninstall'],
      'error: --to 1.31.1 does not apply to an uninstall; remove --to or --for uninstall.\n',
    ],
    [
      ['plan', '--with', ''],
      "error: option '--with <path>' argument '' is invalid. Write the path of a file or directory, or - for stdin, or leave it out.\n",
    ],
    [
      ['plan', '--istioctl', ''],
      "error: option '--istioctl <path>' argument '' is invalid. Write the path of an istioctl, or leave it out.\n",
    ],
    [
      ['graph', '--html', ''],
      "error: option '--html <file>' argument '' is invalid. Write the path of a file, or leave it out.\n",
    ],
    [
      ['graph', 'a.yaml', ''],
      "error: command-argument value '' is invalid for argument 'file'. Write the path of a file or directory, or - for stdin, or leave it out.\n",
    ],
  ])('says in one sentence what is wrong with %j, and ends with 1', async (args, stderr) => {
    expect(await run(args)).toEqual({ stdout: '', stderr, code: 1 });
  });

  test('says what went wrong in one sentence, and with --verbose where', async () => {
    const kubeconfig = kubeconfigFor('ftp://nowhere');
    const args = ['plan', '--kubeconfig', kubeconfig];
    const sentence =
      'The server "ftp://nowhere" of context "fake" is not a URL; write a URL such as https://127.0.0.1:6443.';
    expect(await run(args)).toEqual({ stdout: '', stderr: `error: ${sentence}\n`, code: 1 });
    const { stderr, code } = await run(['--verbose', ...args]);
    expect(code).toBe(1);
    expect(stderr.startsWith(`error: RestartError: ${sentence}\n    at `)).toBe(true);
  });
});
