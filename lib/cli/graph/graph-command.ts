import { Command } from 'commander';
import type { CommandContext } from '../program';

/** `istio-module graph`. */
export function graphCommand({ terminal }: CommandContext): Command {
  return new Command('graph').action(() => {
    terminal.print('');
  });
}
