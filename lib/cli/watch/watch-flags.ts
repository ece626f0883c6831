import { InvalidArgumentError, Option, type Command } from '../../bundled-libraries/commander';
import type { ClusterFlags } from '../cluster-flags';
import type { InjectorFlags } from '../injector-flags';
import { namespacedName, type NamespacedName } from '../namespaced-name';
import { notEmpty } from '../not-empty';
import type { OnlySeamlessFlag } from '../only-seamless-flag';
import { positiveSeconds, type PaceFlags } from '../restart/roll-out-flags';
import type { SelectionFlags } from '../selection-flags';
import type { UnrolledFlags } from '../unrolled-flags';

/** The address that a server listens on. */
export interface ListenAddress {
  /** All addresses by default. */
  readonly host?: string;
  readonly port: number;
}

/** The parsed flags of `watch`. */
export interface WatchFlags
  extends ClusterFlags, SelectionFlags, PaceFlags, InjectorFlags, UnrolledFlags, OnlySeamlessFlag {
  /** In seconds. */
  readonly resync?: number;
  readonly lease?: NamespacedName;
  readonly identity?: string;
  readonly listen?: ListenAddress;
  readonly logFormat?: 'text' | 'json';
}

/** Adds the flags of `watch`. */
export function addWatchFlags(command: Command): Command {
  return command
    .option('--resync <duration>', 'how often to check even if nothing has changed (default: 10m)', positiveSeconds)
    .option(
      '--lease <namespace/name>',
      'restart workloads only while holding this Lease, so that only one of several processes does',
      namespacedName('istio-system/sidecar-restarter'),
    )
    .option(
      '--identity <name>',
      'name of this process in the Lease (default: the host name with a random suffix)',
      notEmpty('Write a name'),
    )
    .option(
      '--listen <[host:]port>',
      'serve /metrics, /healthz and /readyz on this address (default: do not serve them)',
      listen,
    )
    .addOption(
      new Option(
        '--log-format <format>',
        'write the log as text, or as one JSON object per line (default: text)',
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
