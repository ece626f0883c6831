import { ServerClock } from '../../../lib/engine/cluster/server-clock';

describe('ServerClock', () => {
  test("has this machine's time until there is an answer", () => {
    const before = Date.now();
    const { now } = new ServerClock();
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now());
  });

  test('has the time of the last answer that contained one', () => {
    const clock = new ServerClock();
    clock.hear('Mon, 02 Nov 2026 10:00:00 GMT');
    clock.hear(undefined);
    clock.hear('soon');
    expect(new Date(clock.now).toISOString()).toBe('2026-11-02T10:00:00.000Z');
  });
});
