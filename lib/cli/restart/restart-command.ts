import { Command } from '../../bundled-libraries/commander';
import { addClusterFlags } from '../cluster-flags';
import { addInjectorFlags, injectorOptions, type InjectorFlags } from '../injector-flags';
import type { CommandContext } from '../command-context';
import { addOnlySeamlessFlag, onlySeamlessOption, type OnlySeamlessFlag } from '../only-seamless-flag';
import { addUnrolledFlags, unrolledOptions, type UnrolledFlags } from '../unrolled-flags';
import { addSelectionFlags } from '../selection-flags';
import { addRollOutFlags } from './roll-out-flags';
import type * as RunRestart from './run-restart';
import type { RestartFlags, RestartJob } from './run-restart';

/** The message if no restart was due; without a period. */
export const NOTHING_TO_RESTART = 'Nothing to restart: a restart would not update any sidecar';

/** `istio-module restart`: restarts the workloads whose sidecar is out of date. */
export function restartCommand(context: CommandContext): Command {
  const command = new Command('restart');
  addRollOutFlags(addSelectionFlags(addClusterFlags(command)));
  addOnlySeamlessFlag(addUnrolledFlags(addInjectorFlags(command))).action(
    async (flags: RestartFlags & InjectorFlags & UnrolledFlags & OnlySeamlessFlag) => {
      const { runRestart } = require('./run-restart') as typeof RunRestart;
      await runRestart(context, flags, {
        run: ({ restartWorkloads }, options) =>
          restartWorkloads({
            ...options,
            ...injectorOptions(flags),
            ...unrolledOptions(flags),
            ...onlySeamlessOption(flags),
          }),
        question,
        nothing: NOTHING_TO_RESTART,
      });
    },
  );
  return command;
}

const question: RestartJob['question'] = ({ restart, update }, cluster) => {
  const count = (number: number) => (number === 1 ? '1 workload' : `${String(number)} workloads`);
  const parts = [
    ...(restart > 0 || update === 0 ? [`restart ${count(restart)}`] : []),
    ...(update > 0 ? [`update ${restart > 0 ? String(update) : count(update)} in place`] : []),
  ].join(' and ');
  return `${parts.charAt(0).toUpperCase()}${parts.slice(1)} on ${cluster}?`;
};
