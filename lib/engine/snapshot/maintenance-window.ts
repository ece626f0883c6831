const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const DAY_MINUTES = 24 * 60;
const WEEK_MINUTES = 7 * DAY_MINUTES;
const WINDOW = /^(?:([a-z]{3})(?:-([a-z]{3}))?\s+)?(\d{2}):(\d{2})-(\d{2}):(\d{2})$/i;

/** A part of each week, in minutes since Sunday 00:00 UTC. It may extend into the next week. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** Weekly times in UTC at which a workload may be restarted. */
export class MaintenanceWindow {
  /**
   * Parses one or several windows, such as `Sat-Sun 00:00-04:00` or `Mon-Fri 22:00-02:00, Sun 00:00-24:00`: the days on
   * which a window starts, by default every day, and its times. A window whose end is not after its start ends on the
   * next day.
   *
   * @returns undefined if the text is invalid
   */
  static parse(text: string): MaintenanceWindow | undefined {
    const spans = text.split(',').map((part) => spansOf(part.trim()));
    return spans.every((span) => span !== undefined) ? new MaintenanceWindow(text, spans.flat()) : undefined;
  }

  private constructor(
    /** The original text. */
    readonly text: string,
    private readonly spans: readonly Span[],
  ) {}

  isOpen(at: Date): boolean {
    return this.opensAt(at).getTime() <= at.getTime();
  }

  /** The next time at which the window is open; `at` if it is open then. */
  opensAt(at: Date): Date {
    const midnight = Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate());
    const weekStart = midnight - at.getUTCDay() * DAY_MINUTES * 60_000;
    const opening = [-1, 0, 1].flatMap((week) =>
      this.spans.map(({ from, to }) => {
        const start = weekStart + (week * WEEK_MINUTES + from) * 60_000;
        const end = weekStart + (week * WEEK_MINUTES + to) * 60_000;
        return end <= at.getTime() ? Infinity : Math.max(start, at.getTime());
      }),
    );
    return new Date(Math.min(...opening));
  }
}

function spansOf(text: string): readonly Span[] | undefined {
  const [, first, last, ...times] = WINDOW.exec(text) ?? [];
  const [fromHour = NaN, fromMinute = NaN, toHour = NaN, toMinute = NaN] = times.map(Number);
  const from = minuteOf(fromHour, fromMinute);
  const to = minuteOf(toHour, toMinute);
  const days = first === undefined ? DAYS.map((_, day) => day) : daysOf(first, last ?? first);
  if (from === undefined || to === undefined || from === DAY_MINUTES || days === undefined) return undefined;
  const length = to > from ? to - from : to + DAY_MINUTES - from;
  return days.map((day) => ({ from: day * DAY_MINUTES + from, to: day * DAY_MINUTES + from + length }));
}

function minuteOf(hour: number, minute: number): number | undefined {
  const minutes = hour * 60 + minute;
  return minute < 60 && minutes <= DAY_MINUTES ? minutes : undefined;
}

function daysOf(first: string, last: string): readonly number[] | undefined {
  const [from, to] = [first, last].map((name) => DAYS.findIndex((day) => day.toLowerCase() === name.toLowerCase())) as [
    number,
    number,
  ];
  if (from < 0 || to < 0) return undefined;
  return Array.from({ length: ((to - from + 7) % 7) + 1 }, (_, index) => (from + index) % 7);
}
