import { EventEmitter } from 'node:events';
import { Interruption, type SignalSource } from '../../../lib/cli/restart/interruption';

describe('Interruption', () => {
  let source: EventEmitter;
  let told: string[];
  let interruption: Interruption;

  beforeEach(() => {
    source = new EventEmitter();
    told = [];
    const listener = { onDrain: () => told.push('drain'), onLeave: () => told.push('leave') };
    interruption = new Interruption(listener, source as unknown as SignalSource);
  });

  const fired = () => [interruption.drain.aborted, interruption.signal.aborted];

  test.each([
    ['SIGINT', 'SIGINT'],
    ['SIGTERM', 'SIGINT'],
    ['SIGINT', 'SIGTERM'],
    ['SIGHUP', 'SIGINT'],
    ['SIGTERM', 'SIGHUP'],
  ])('drains at the first signal and leaves at the second (%s, %s)', (first, second) => {
    expect(fired()).toEqual([false, false]);
    source.emit(first);
    expect(fired()).toEqual([true, false]);
    source.emit(second);
    expect(fired()).toEqual([true, true]);
    expect(told).toEqual(['drain', 'leave']);
  });

  test('lets a third signal end the process', () => {
    source.emit('SIGINT');
    source.emit('SIGINT');
    expect(source.eventNames()).toEqual([]);
  });

  test('stops listening once it is closed', () => {
    interruption.close();
    source.emit('SIGINT');
    expect(fired()).toEqual([false, false]);
  });
});
