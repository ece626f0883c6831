import type { RollOutAction, RollOutEvent, RoundWorkload, WorkloadName } from '../../../lib/engine/index';
import { afterEvent, STARTED, type LiveEvent, type LiveState } from '../../../lib/cli/live/live-state';

/** A Deployment of the namespace shop. */
export const shop = (name: string): WorkloadName => ({ namespace: 'shop', kind: 'Deployment', name });

export const due = (name: string, action: RollOutAction = 'restart'): RoundWorkload => ({ ...shop(name), action });

export const roundBegan = (names: readonly string[], round = 1): RollOutEvent => ({
  ...{ type: 'roundBegan', round, workloads: names.map((name) => due(name)) },
});

export const began = (name: string, action: RollOutAction = 'restart'): RollOutEvent => ({
  ...{ type: 'began', workload: shop(name), action },
});

export const status = (name: string, message: string): RollOutEvent => ({
  ...{ type: 'status', workload: shop(name), message },
});

export const ended = (
  name: string,
  outcome: Extract<RollOutEvent, { type: 'ended' }>['outcome'] = 'restarted',
  message = '',
): Extract<RollOutEvent, { type: 'ended' }> => ({ type: 'ended', workload: shop(name), outcome, message });

/** The state after these events. */
export const stateAfter = (...events: readonly LiveEvent[]): LiveState => events.reduce(afterEvent, STARTED);
