import type { RollOutAction, RoundWorkload, RunEvent, RunWorkload } from '../../../lib/engine/index';
import { afterEvent, STARTED, type LiveEvent, type LiveState } from '../../../lib/cli/live/live-state';

type Ended = Extract<RunEvent, { type: 'rolloutEnded' }>;

/** A Deployment of the namespace shop. */
export const shop = (name: string): RunWorkload => ({
  ...{ namespace: 'shop', kind: 'Deployment', name },
  reference: { apiVersion: 'apps/v1', kind: 'Deployment', uid: `uid-${name}` },
});

export const due = (name: string, action: RollOutAction = 'restart'): RoundWorkload => ({
  ...shop(name),
  ...{ action, message: 'out of date' },
});

export const waiting = (message: string): RunEvent => ({ type: 'waiting', code: 'ControlPlaneNotReady', message });

export const roundBegan = (workloads: readonly (string | RoundWorkload)[], round = 1): RunEvent => ({
  ...{ type: 'roundBegan', round, time: '2026-01-01T00:00:00.000Z' },
  workloads: workloads.map((one) => (typeof one === 'string' ? due(one) : one)),
});

export const began = (name: string, action: RollOutAction = 'restart'): RunEvent => ({
  ...{ type: 'rolloutBegan', workload: shop(name), action },
});

export const status = (name: string, message: string): RunEvent => ({
  ...{ type: 'rolloutProgressed', workload: shop(name), message },
});

export const ended = (name: string, outcome: Ended['outcome'] = 'restarted', message = ''): Ended => ({
  ...{ type: 'rolloutEnded', workload: shop(name), outcome, message },
});

/** The state after these events. */
export const stateAfter = (...events: readonly LiveEvent[]): LiveState => events.reduce(afterEvent, STARTED);
