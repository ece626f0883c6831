import { Command } from 'commander';
import { addSelectionFlags, selectionOptions, type SelectionFlags } from '../../lib/cli/selection-flags';

const parsed = (...args: readonly string[]) => {
  const command = addSelectionFlags(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  return selectionOptions(command.parse(args, { from: 'user' }).opts<SelectionFlags>());
};

describe('selectionOptions', () => {
  test.each<[readonly string[], object]>([
    [[], {}],
    [['-A'], {}],
    [['-n', 'shop'], { namespaces: ['shop'] }],
    [['-n', 'shop,bank', '--namespace', 'shop', '-n=labs'], { namespaces: ['shop', 'bank', 'labs'] }],
    [['-n', 'shop', '--all-namespaces'], {}],
    [['-l', ' app=cart,!legacy '], { selector: 'app=cart,!legacy' }],
    [['-l', 'app=cart', '--selector=app in (a, b)'], { selector: 'app in (a, b)' }],
    [['-n', 'shop', '-l', ''], { namespaces: ['shop'], selector: '' }],
  ])('turns %j into options', (args, expected) => {
    expect(parsed(...args.map((arg) => arg.replace('-n=', '-n')))).toEqual(expected);
  });

  test('take one value for each -n, so that what follows is an argument', () => {
    expect(() => parsed('-n', 'shop', 'bank')).toThrow('too many arguments');
  });

  test.each([
    [
      ['-n', 'shop,,bank'],
      "error: option '-n, --namespace <name>' argument 'shop,,bank' is invalid. Write the name of a namespace, or several separated by commas.",
    ],
    [
      ['-l', 'app in cart'],
      "error: option '-l, --selector <selector>' argument 'app in cart' is invalid. The selector 'app in cart' cannot be read: its part 'app in cart' is not a requirement on a label; write parts such as app=cart, tier!=test, env in (dev,qa), zone notin (a,b), owned or !legacy.",
    ],
  ])('refuse %j', (args, message) => {
    expect(() => parsed(...args)).toThrow(message);
  });
});
