import { InvalidArgumentError, Option, type Command } from 'commander';
import type { ClusterFlags } from '../cluster-flags';
import type { InjectorFlags } from '../injector-flags';
import { namespacedName, type NamespacedName } from '../namespaced-name';
import { notEmpty } from '../not-empty';
import type { OnlySeamlessFlag } from '../only-seamless-flag';
import { positiveSeconds, type PaceFlags } from '../restart/roll-out-flags';
import type { SelectionFlags } from '../selection-flags';
import type { UnrolledFlags } from '../unrolled-flags';

/** Where something listens. */
export interface ListenAddress {
  /** All addresses where it is left out. */
  readonly host?: string;
  readonly port: number;
}

/** What commander makes of the flags of `watch`. */
export interface WatchFlags
  extends ClusterFlags, SelectionFlags, PaceFlags, InjectorFlags, UnrolledFlags, OnlySeamlessFlag {
  /** In seconds. */
  readonly resync?: number;
  readonly lease?: NamespacedName;
  readonly identity?: string;
  readonly listen?: ListenAddress;
  readonly logFormat?: 'text' | 'json';
}

/** The flags that `watch` has beside those of a restart. */
export function addWatchFlags(command: Command): Command {
  return command
    .option('--resync <duration>', 'how often to look although nothing has changed (default: 10m)', positiveSeconds)
    .option(
      '--lease <namespace/name>',
      'restart only while holding this Lease, so that one of several processes does',
      namespacedName('istio-system/sidecar-restarter'),
    )
    .option(
      '--identity <name>',
      'the name of this process in the Lease (default: that of the host, with a random part)',
      notEmpty('Write a name'),
    )
    .option('--listen <[host:]port>', 'serve /metrics, /healthz and /readyz there (default: nothing is served)', listen)
    .addOption(
      new Option(
        '--log-format <format>',
        'write the log as text, or as one JSON object a line (default: text)',
      ).choices(['text', 'json']),
    );
}

function listen(text: string): ListenAddress {
  const [, bracketed, plain, port = ''] = /^(?:\[([^\]]+)\]:|([^:]+):)?(\d{1,5})$/.exec(text) ?? [];
  if (port === '' || Number(port) > 65_535) {
    throw new InvalidArgumentError('Write a port, or an address and a port, such as 9090 or 127.0.0.1:9090.');
  }
  const host = bracketed ?? plain;
  return { port: Number(port), ...(host === undefined ? {} : { host }) };
}
