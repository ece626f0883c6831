import { watchCommand } from '../../../lib/cli/watch/watch-command';
import type { WatchFlags } from '../../../lib/cli/watch/watch-flags';
import { Terminal } from '../../../lib/cli/terminal';

describe('the flags of watch', () => {
  function parse(...args: readonly string[]): WatchFlags | string {
    const command = watchCommand({ terminal: new Terminal(process), end: () => undefined });
    let flags: WatchFlags | undefined;
    command
      .exitOverride()
      .configureOutput({ writeErr: () => undefined })
      .action((given: WatchFlags) => {
        flags = given;
      });
    try {
      command.parse(['node', 'watch', ...args]);
    } catch (error) {
      return (error as Error).message;
    }
    return flags ?? 'no action';
  }

  test.each<[readonly string[], Partial<WatchFlags>]>([
    [['--resync', '1m'], { resync: 60 }],
    [['--lease', 'istio-system/restarter'], { lease: { namespace: 'istio-system', name: 'restarter' } }],
    [['--listen', '9090'], { listen: { port: 9090 } }],
    [['--listen', '127.0.0.1:0'], { listen: { host: '127.0.0.1', port: 0 } }],
    [['--listen', '[::1]:9090'], { listen: { host: '::1', port: 9090 } }],
    [['--max-concurrent', '3', '--log-format', 'json'], { maxConcurrent: 3, logFormat: 'json' }],
  ])('become options: %j', (args, expected) => {
    expect(parse(...args)).toMatchObject(expected);
  });

  test.each<[readonly string[], string]>([
    [['--resync', '0'], 'Write a duration of 1s or more.'],
    [['--lease', 'restarter'], 'Write namespace/name, such as istio-system/sidecar-restarter.'],
    [['--lease', 'a/b/c'], 'Write namespace/name, such as istio-system/sidecar-restarter.'],
    [['--listen', '70000'], 'Write a port, or an address and a port, such as 9090 or 127.0.0.1:9090.'],
    [['--listen', 'localhost:http'], 'Write a port, or an address and a port, such as 9090 or 127.0.0.1:9090.'],
    [['--yes'], "unknown option '--yes'"],
  ])('are refused: %j', (args, message) => {
    expect(parse(...args)).toContain(message);
  });
});
