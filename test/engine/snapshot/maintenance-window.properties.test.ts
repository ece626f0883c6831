import fc from 'fast-check';
import { MaintenanceWindow } from '../../../lib/engine/snapshot/maintenance-window';

jest.setTimeout(120_000);

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MINUTE = 60_000;
const WEEK = 7 * 24 * 60;

interface Part {
  readonly days: readonly [number, number] | readonly [number] | readonly [];
  /** Minutes of the day. */
  readonly from: number;
  readonly to: number;
}

const minute = fc.nat(24 * 60 - 1);
const part: fc.Arbitrary<Part> = fc.record({
  days: fc.oneof(fc.constant([] as const), fc.tuple(fc.nat(6)), fc.tuple(fc.nat(6), fc.nat(6))),
  from: minute,
  to: fc.oneof(minute, fc.constant(24 * 60)),
});
const parts = fc.array(part, { minLength: 1, maxLength: 3 });
const at = fc
  .integer({ min: Date.UTC(2024, 0, 1) / MINUTE, max: Date.UTC(2030, 0, 1) / MINUTE })
  .map((minutes) => new Date(minutes * MINUTE));

function textOf({ days, from, to }: Part): string {
  const time = (minutes: number) =>
    [Math.floor(minutes / 60), minutes % 60].map((number) => String(number).padStart(2, '0')).join(':');
  return [days.map((day) => DAYS[day]).join('-'), `${time(from)}-${time(to)}`].join(' ').trim();
}

/**
 * Whether the minute that begins at `then` is in a window; decided minute by minute, from the days on which windows
 * begin.
 */
function isWithin(windows: readonly Part[], then: Date): boolean {
  const ofDay = then.getUTCHours() * 60 + then.getUTCMinutes();
  const today = then.getUTCDay();
  return windows.some(({ days: [first = 0, last = first], days, from, to }) => {
    const begins = (day: number) =>
      days.length === 0 || (first <= last ? day >= first && day <= last : day >= first || day <= last);
    return to > from
      ? begins(today) && ofDay >= from && ofDay < to
      : (begins(today) && ofDay >= from) || (begins((today + 6) % 7) && ofDay < to);
  });
}

function windowOf(windows: readonly Part[]): MaintenanceWindow {
  const window = MaintenanceWindow.parse(windows.map(textOf).join(', '));
  if (!window) throw new Error(`not a window: ${windows.map(textOf).join(', ')}`);
  return window;
}

describe('any maintenance window', () => {
  test('is open in the minutes that its days and times say, and in no others', () => {
    fc.assert(
      fc.property(parts, at, (windows, then) => {
        expect(windowOf(windows).isOpen(then)).toBe(isWithin(windows, then));
      }),
      { numRuns: 2_000 },
    );
  });

  test('opens at the first such minute from now on, by a scan of all the minutes until then', () => {
    fc.assert(
      fc.property(parts, at, (windows, then) => {
        const window = windowOf(windows);
        let expected = then;
        for (let minutes = 0; minutes <= WEEK && !isWithin(windows, expected); minutes += 1) {
          expected = new Date(then.getTime() + minutes * MINUTE);
        }
        const opens = window.opensAt(then);
        expect(opens.toISOString()).toBe(expected.toISOString());
        expect(window.isOpen(opens)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('is never seen to have opened in the past, and opens within a week, at any second', () => {
    fc.assert(
      fc.property(parts, at, fc.nat(59_999), (windows, then, milliseconds) => {
        const now = new Date(then.getTime() + milliseconds);
        const opens = windowOf(windows).opensAt(now).getTime();
        expect(opens).toBeGreaterThanOrEqual(now.getTime());
        expect(opens - now.getTime()).toBeLessThanOrEqual(WEEK * MINUTE);
        expect(opens === now.getTime()).toBe(isWithin(windows, then));
      }),
      { numRuns: 1_000 },
    );
  });

  test('is what was written, letter case and blanks aside, or nothing at all', () => {
    fc.assert(
      fc.property(parts, at, (windows, then) => {
        const text = windows.map(textOf).join(',');
        expect(MaintenanceWindow.parse(text.toUpperCase())?.isOpen(then)).toBe(isWithin(windows, then));
        expect(MaintenanceWindow.parse(`${text} `)?.text).toBe(`${text} `);
        expect(MaintenanceWindow.parse(`${text},`)).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });
});
