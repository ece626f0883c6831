import { Duration } from 'cdk8s';
import { MeshNamespace, type RestarterOptions } from 'istio-module';
import { restartCommand } from '../../../lib/cli/restart/restart-command';
import { rollOutOptions, type RollOutFlags } from '../../../lib/cli/restart/roll-out-flags';
import { injectorOptions, type InjectorFlags } from '../../../lib/cli/injector-flags';
import { onlySeamlessOption, type OnlySeamlessFlag } from '../../../lib/cli/only-seamless-flag';
import { selectionOptions, type SelectionFlags } from '../../../lib/cli/selection-flags';
import { unrolledOptions, type UnrolledFlags } from '../../../lib/cli/unrolled-flags';
import { Terminal } from '../../../lib/cli/terminal';
import {
  activeDeadlineSeconds,
  restarterOptionProblems,
  restartFlags,
} from '../../../lib/mesh/restarter/restarter-options';
import { emptyChart } from '../synthesis';

/** The options that the command line derives from the flags. */
function understood(options: RestarterOptions): object {
  const command = restartCommand({ terminal: new Terminal(process), end: () => undefined })
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  command.parseOptions(restartFlags(options));
  const flags = command.opts<RollOutFlags & InjectorFlags & SelectionFlags & UnrolledFlags & OnlySeamlessFlag>();
  return {
    ...rollOutOptions(flags),
    ...selectionOptions(flags),
    ...injectorOptions(flags),
    ...unrolledOptions(flags),
    ...onlySeamlessOption(flags),
  };
}

describe('the options of a restarter', () => {
  test('are those of a run, as the command line reads them', () => {
    const namespace = new MeshNamespace(emptyChart(), 'shop', { name: 'shop' });
    expect(
      understood({
        namespaces: [namespace, 'legacy'],
        selector: 'app in (cart,db),tier!=test',
        onlySeamless: true,
        inPlace: true,
        evict: true,
        maxConcurrent: 3,
        maxConcurrentPerNamespace: 1,
        onFailure: 'continue',
        timeout: Duration.minutes(5),
        stuckTimeout: Duration.seconds(0),
        deadline: Duration.hours(4),
        injectorTimeout: Duration.seconds(90),
        injectorSettle: Duration.millis(1500),
        events: false,
      }),
    ).toEqual({
      namespaces: ['shop', 'legacy'],
      selector: 'app in (cart,db),tier!=test',
      onlySeamless: true,
      inPlace: true,
      evict: true,
      maxConcurrent: 3,
      maxConcurrentPerNamespace: 1,
      onFailure: 'continue',
      timeoutSeconds: 300,
      stuckSeconds: 0,
      deadlineSeconds: 14_400,
      injector: { deadlineSeconds: 90, settleSeconds: 1.5 },
      events: false,
    });
  });

  test('leave everything to the defaults of a run, but for a deadline', () => {
    expect(understood({})).toEqual({ events: true, deadlineSeconds: 7200 });
  });

  test('keep Kubernetes from ending a Job before the run ends by itself', () => {
    // The deadline, a rollout that began just before it, the wait for the injector, and ten minutes.
    expect(activeDeadlineSeconds({})).toBe(7200 + 600 + 300 + 600);
    expect(
      activeDeadlineSeconds({
        deadline: Duration.minutes(1),
        timeout: Duration.millis(1500),
        injectorTimeout: Duration.seconds(10),
      }),
    ).toBe(60 + 2 + 10 + 600);
  });

  test.each<[string, RestarterOptions, string]>([
    [
      'no namespace',
      { namespaces: [] },
      'options.namespaces is empty: name at least one, or leave the prop out to restart in all',
    ],
    [
      'a blank selector',
      { selector: ' ' },
      'options.selector is empty: write labels such as app=cart, or leave the prop out',
    ],
    [
      'no rollouts',
      { maxConcurrent: 0 },
      'options.maxConcurrent 0 is out of range: write a whole number from 1 to 1000000',
    ],
    [
      'half a rollout',
      { maxConcurrentPerNamespace: 0.5 },
      'options.maxConcurrentPerNamespace 0.5 is out of range: write a whole number from 1 to 1000000',
    ],
    ['no time', { timeout: Duration.seconds(0) }, 'options.timeout 0s is out of range: write 1 s to 555 h'],
    ['a month', { deadline: Duration.days(30) }, 'options.deadline 2592000s is out of range: write 1 s to 555 h'],
  ])('refuse %s', (_, options, problem) => {
    expect(restarterOptionProblems(options)).toEqual([problem]);
  });

  test('refuse names that no namespace has', () => {
    expect(restarterOptionProblems({ namespaces: ['Shop'] })).toEqual([
      expect.stringContaining("options.namespaces: 'Shop' is not a valid name") as string,
    ]);
  });
});
