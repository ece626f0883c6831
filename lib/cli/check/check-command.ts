import { Command } from 'commander';
import type { CommandContext } from '../program';

/** `istio-module check`. */
export function checkCommand({ terminal }: CommandContext): Command {
  return new Command('check').action(() => {
    terminal.print('');
  });
}
