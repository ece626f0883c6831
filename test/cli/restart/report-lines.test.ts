import { reportLines } from '../../../lib/cli/restart/report-lines';
import type { RestartReport, WorkloadPlan } from '../../../lib/engine/index';

const EMPTY: RestartReport = {
  schemaVersion: 1,
  restarted: [],
  updated: [],
  waited: [],
  warnings: [],
  skipped: [],
  deferred: [],
  undetermined: [],
  ignoredAnnotations: [],
  transitions: [],
  counts: { restarted: 0, updated: 0, waited: 0, current: 0, warned: 0, skipped: 0, deferred: 0, undetermined: 0 },
  rounds: 0,
};
const NOTHING = 'Nothing to restart';

const entry = (kind: string, name: string, rest: Partial<WorkloadPlan>): WorkloadPlan => ({
  ...{ namespace: 'shop', kind, name, decision: 'warn', reason: 'BarePod', message: '', remedy: '' },
  ...{ pods: [], differences: [] },
  ...rest,
});

describe('a report as text', () => {
  test('says that there was nothing to do', () => {
    expect(reportLines(EMPTY, NOTHING)).toEqual(['Nothing to restart.']);
    const counts = { ...EMPTY.counts, current: 3, skipped: 3 };
    const left = (name: string, rest: Partial<WorkloadPlan> = {}) =>
      entry('Deployment', name, { decision: 'skip', message: 'left alone: it is annotated so', ...rest });
    const skipped = [left('own'), left('other', { selected: false }), left('another', { selected: false })];
    expect(reportLines({ ...EMPTY, skipped, counts }, NOTHING)).toEqual([
      'Skipped:',
      '  Deployment shop/own: left alone: it is annotated so',
      '',
      'Nothing to restart (3 up to date, 1 skipped, 2 not selected).',
    ]);
  });

  test('has one line for each workload, without control characters in its name', () => {
    const name = 'x\nDone: all\u001b[2J\u202e';
    const report = { ...EMPTY, warnings: [entry('Widget\n', name, { message: 'a\nb', remedy: 'c\u0007\nd' })] };
    expect(reportLines(report, NOTHING).slice(0, 3)).toEqual([
      'To do by hand:',
      '  Widget shop/x Done: all [2J: a b',
      '    by hand: c d',
    ]);
  });

  test('lists what was done, and then what is left to do, with commands', () => {
    const report: RestartReport = {
      ...EMPTY,
      restarted: [
        { namespace: 'shop', kind: 'Deployment', name: 'cart', message: '1 of 1 pod out of date', differences: [] },
      ],
      updated: [{ namespace: 'shop', kind: 'Job', name: 'batch', message: '1 of 1 pod old', differences: [] }],
      waited: [{ namespace: 'shop', kind: 'DaemonSet', name: 'agent' }],
      warnings: [
        entry('Pod', 'debug', {
          message: '1 of 1 pod out of date; a Pod is\nnot created again',
          remedy: 'kubectl delete',
        }),
      ],
      deferred: [entry('StatefulSet', 'db', { decision: 'deferred', message: 'its maintenance window is closed' })],
      undetermined: [
        entry('Deployment', 'web', { decision: 'undetermined', message: 'refused', remedy: 'kubectl describe' }),
      ],
      ignoredAnnotations: [
        { namespace: '', kind: 'Namespace', name: 'shop', annotation: 'a', value: 'v', message: 'is invalid' },
      ],
      counts: { restarted: 1, updated: 1, waited: 1, current: 7, warned: 1, skipped: 0, deferred: 1, undetermined: 1 },
      rounds: 2,
    };
    expect(reportLines(report, NOTHING)).toEqual([
      'Restarted:',
      '  Deployment shop/cart: 1 of 1 pod out of date',
      '',
      'Updated in place:',
      '  Job shop/batch: 1 of 1 pod old',
      '',
      'Waited for:',
      '  DaemonSet shop/agent',
      '',
      'Deferred:',
      '  StatefulSet shop/db: its maintenance window is closed',
      '',
      'Undetermined:',
      '  Deployment shop/web: refused',
      '    by hand: kubectl describe',
      '',
      'Annotations that are invalid and ignored:',
      '  Namespace shop: is invalid',
      '',
      'To do by hand:',
      '  Pod shop/debug: 1 of 1 pod out of date; a Pod is not created again',
      '    by hand: kubectl delete',
      '',
      'Done: 1 workload restarted, 1 workload updated in place, waited for 1 other rollout in 2 rounds (7 up to date, 1 to do by hand, 1 deferred, 1 undetermined).',
    ]);
  });
});
