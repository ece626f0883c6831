import { Command } from 'commander';
import { addInjectorFlags, injectorOptions, type InjectorFlags } from '../../lib/cli/injector-flags';

describe('injectorOptions', () => {
  test.each([
    [[], {}],
    [['--injector-timeout', '2m'], { injector: { deadlineSeconds: 120 } }],
    [
      ['--injector-timeout', '0', '--injector-settle', '0'],
      { injector: { deadlineSeconds: 0, probes: 1, settleSeconds: 0 } },
    ],
  ])('turns %j into options', (args, expected) => {
    const command = addInjectorFlags(new Command()).parse(args, { from: 'user' });
    expect(injectorOptions(command.opts<InjectorFlags>())).toEqual(expected);
  });
});
