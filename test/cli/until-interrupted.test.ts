import { EventEmitter } from 'node:events';
import { RestartError } from '../../lib/engine/restart-error';
import type { SignalSource } from '../../lib/cli/restart/interruption';
import { untilInterrupted } from '../../lib/cli/until-interrupted';

const ABORTED = new RestartError('Aborted', 'Stopped on request');

describe('untilInterrupted', () => {
  let source: EventEmitter;
  let ends: number[];

  beforeEach(() => {
    source = new EventEmitter();
    ends = [];
  });

  const until = (work: (signal: AbortSignal) => Promise<void>) =>
    untilInterrupted({ end: (code) => ends.push(code) }, work, source as unknown as SignalSource);

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('ends the work at %s, with 130', async (name) => {
    const work = until(async (signal) => {
      source.emit(name);
      expect(signal.aborted).toBe(true);
      // No handler is left for a further signal, which therefore ends the process.
      expect(source.eventNames()).toEqual([]);
      throw ABORTED;
    });
    await work;
    expect(ends).toEqual([130]);
  });

  test('restores the handlers of signals', async () => {
    await until(() => Promise.resolve());
    expect([ends, source.eventNames()]).toEqual([[], []]);
  });

  test('passes on an error of the work, whether it was interrupted or not', async () => {
    await expect(until(() => Promise.reject(ABORTED))).rejects.toBe(ABORTED);
    const other = new Error('disk full');
    const work = until(() => {
      source.emit('SIGINT');
      return Promise.reject(other);
    });
    await expect(work).rejects.toBe(other);
    expect([ends, source.eventNames()]).toEqual([[], []]);
  });
});
