import fc from 'fast-check';
import { liveLines, type LiveFrame } from '../../../lib/cli/live/live-lines';
import type { LiveState } from '../../../lib/cli/live/live-state';
import { began, ended, roundBegan, stateAfter, status, waiting } from './events';

const NAMES = ['cart', 'reviews-v1', 'db', 'web'];
const ROLLING = stateAfter(
  roundBegan([...NAMES, 'last']),
  ended('last', 'failed', 'too slow'),
  ...NAMES.map((name) => began(name, name === 'db' ? 'wait' : 'restart')),
  status('cart', '2 of 3 replicas updated'),
  status('db', '1 old replica pending termination'),
);

const drawn = (state: LiveState, frame: Partial<LiveFrame> = {}) =>
  liveLines(state, { columns: 100, rows: 24, seconds: 65, ...frame });

describe('the live view', () => {
  test('has one line for each rollout under way, and a total below', () => {
    expect(drawn(ROLLING)).toEqual([
      '  restarting  Deployment shop/cart        2 of 3 replicas updated',
      '  restarting  Deployment shop/reviews-v1',
      '  waiting     Deployment shop/db          1 old replica pending termination',
      '  restarting  Deployment shop/web',
      '[====>                 ]  1:05  1/5 workloads, 4 under way, 1 failed',
    ]);
  });

  test('cuts lines that are too long, and leaves the bar out where there is no room for it', () => {
    expect(drawn(ROLLING, { columns: 44 })).toEqual([
      '  restarting  Deployment shop/cart        2…',
      '  restarting  Deployment shop/reviews-v1',
      '  waiting     Deployment shop/db          1…',
      '  restarting  Deployment shop/web',
      '1:05  1/5 workloads, 4 under way, 1 failed',
    ]);
  });

  test('says how many more there are where the terminal is short', () => {
    expect(drawn(ROLLING, { rows: 5 })).toEqual([
      '  restarting  Deployment shop/cart        2 of 3 replicas updated',
      '  restarting  Deployment shop/reviews-v1',
      '  … and 2 more',
      '[====>                 ]  1:05  1/5 workloads, 4 under way, 1 failed',
    ]);
    expect(drawn(ROLLING, { rows: 3 })).toEqual([
      '  … and 4 more',
      '[====>                 ]  1:05  1/5 workloads, 4 under way, 1 failed',
    ]);
    expect(drawn(ROLLING, { rows: 2 })).toEqual([
      '[====>                 ]  1:05  1/5 workloads, 4 under way, 1 failed',
    ]);
  });

  test('says, while the run is drained, how to exit immediately', () => {
    expect(drawn(stateAfter(roundBegan(['a']), began('a'), { type: 'draining' }))).toEqual([
      '  restarting  Deployment shop/a',
      'Stopping: no further rollouts are started. Ctrl-C again to exit immediately',
      '[>                     ]  1:05  0/1 workloads, 1 under way',
    ]);
  });

  test('says what the run waits for while nothing is rolling out', () => {
    expect(drawn(stateAfter(), { seconds: 0 })).toEqual(['0:00  checking which sidecars are out of date']);
    expect(drawn(stateAfter(waiting('istiod is\nnot ready')), { seconds: 3725 })).toEqual([
      '1:02:05  istiod is not ready',
    ]);
  });

  test('names the round when it is not the first', () => {
    expect(drawn(stateAfter(roundBegan(['a']), ended('a'), roundBegan(['a', 'b'], 2), ended('a')))).toEqual([
      '[===========>          ]  1:05  1/2 workloads (round 2)',
    ]);
  });

  test('shows texts from the cluster without control characters', () => {
    expect(drawn(stateAfter(roundBegan(['a']), began('a'), status('a', 'one\n\x1b[2Jtwo')))[0]).toBe(
      '  restarting  Deployment shop/a  one [2Jtwo',
    );
  });

  test('never takes more room than there is, and always has a total', () => {
    const states = fc
      .tuple(fc.nat(40), fc.nat(40), fc.string({ maxLength: 200 }), fc.boolean())
      .map(([underWay, over, message, isDraining]) => {
        const names = Array.from({ length: underWay }, (_, index) => `under-way-${String(index)}`);
        const done = Array.from({ length: over }, (_, index) => `over-${String(index)}`);
        return stateAfter(
          roundBegan([...names, ...done, 'left']),
          ...done.map((name) => ended(name)),
          ...names.map((name) => began(name)),
          ...names.map((name) => status(name, message)),
          ...(isDraining ? [{ type: 'draining' } as const] : []),
        );
      });
    const frames = fc.record({ columns: fc.integer({ min: 1, max: 200 }), rows: fc.integer({ min: 1, max: 60 }) });
    fc.assert(
      fc.property(states, frames, (state, { columns, rows }) => {
        const lines = drawn(state, { columns, rows });
        expect(lines.length).toBeLessThanOrEqual(Math.max(rows - 1, 1));
        expect(lines.filter((line) => Array.from(line).length > columns || /\p{Cc}/u.test(line))).toEqual([]);
        expect(lines.at(-1)).not.toBe('');
      }),
    );
  });
});
