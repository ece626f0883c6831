import { Command, InvalidArgumentError, Option } from 'commander';
import { addClusterFlags, seconds, type ClusterFlags } from '../cluster-flags';
import type { CommandContext } from '../command-context';
import { addInjectorFlags, type InjectorFlags } from '../injector-flags';
import { notEmpty } from '../not-empty';
import { addOnlySeamlessFlag, type OnlySeamlessFlag } from '../only-seamless-flag';
import { addPaceFlags, type PaceFlags } from '../restart/roll-out-flags';
import { addSelectionFlags, type SelectionFlags } from '../selection-flags';
import { addUnrolledFlags, type UnrolledFlags } from '../unrolled-flags';

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
  readonly lease?: { readonly namespace: string; readonly name: string };
  readonly identity?: string;
  readonly listen?: ListenAddress;
  readonly logFormat?: 'text' | 'json';
}

/** `istio-module watch`: restarts workloads whenever their sidecars become outdated. */
export function watchCommand(context: CommandContext): Command {
  const command = new Command('watch').description(
    'Restart workloads whenever their sidecar becomes outdated, without a question, until stopped',
  );
  addPaceFlags(addSelectionFlags(addClusterFlags(command)));
  addOnlySeamlessFlag(addUnrolledFlags(addInjectorFlags(command)))
    .option('--resync <duration>', 'how often to look although nothing has changed (default: 10m)', resync)
    .option(
      '--lease <namespace/name>',
      'restart only while holding this Lease, so that one of several processes does',
      lease,
    )
    .option(
      '--identity <name>',
      'the name of this process in the Lease (default: that of the host)',
      notEmpty('Write a name'),
    )
    .option('--listen <[host:]port>', 'serve /metrics, /healthz and /readyz there (default: nothing is served)', listen)
    .addOption(
      new Option(
        '--log-format <format>',
        'write the log as text, or as one JSON object a line (default: text)',
      ).choices(['text', 'json']),
    )
    .action(async (flags: WatchFlags) => {
      const { runWatch } = await import('./run-watch.js');
      await runWatch(context, flags);
    });
  return command;
}

function resync(text: string): number {
  const duration = seconds(text);
  if (duration < 1) {
    throw new InvalidArgumentError('Write a duration of 1s or more.');
  }
  return duration;
}

const NAME = /^[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?$/;

function lease(text: string): WatchFlags['lease'] {
  const [namespace = '', name = '', ...rest] = text.split('/');
  if (!NAME.test(namespace) || !NAME.test(name) || rest.length > 0) {
    throw new InvalidArgumentError('Write namespace/name, such as istio-system/sidecar-restarter.');
  }
  return { namespace, name };
}

function listen(text: string): ListenAddress {
  const [, bracketed, plain, port = ''] = /^(?:\[([^\]]+)\]:|([^:]+):)?(\d{1,5})$/.exec(text) ?? [];
  if (port === '' || Number(port) > 65_535) {
    throw new InvalidArgumentError('Write a port, or an address and a port, such as 9090 or 127.0.0.1:9090.');
  }
  const host = bracketed ?? plain;
  return { port: Number(port), ...(host === undefined ? {} : { host }) };
}
