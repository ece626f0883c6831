const MACROS = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']);
const EVERY = /^@every [-+]?(0|((\d+\.?\d*|\.\d+)(h|m|s|ms|us|µs|ns))+)$/;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

interface Field {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** Names for the numbers, starting at `from`, case-insensitive. */
  readonly names?: readonly string[];
}

const FIELDS: readonly Field[] = [
  { name: 'minute', from: 0, to: 59 },
  { name: 'hour', from: 0, to: 23 },
  { name: 'day of the month', from: 1, to: 31 },
  { name: 'month', from: 1, to: 12, names: MONTHS },
  { name: 'day of the week', from: 0, to: 6, names: DAYS },
];

/**
 * The problems for which the API server rejects the schedule of a CronJob, one sentence each.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
 */
export function cronProblems(cron: string): string[] {
  if (cron.includes('TZ=')) {
    return [`schedule '${cron}' contains a time zone, which a CronJob does not allow: write it as timeZone`];
  }
  if (MACROS.has(cron) || EVERY.test(cron)) return [];
  const fields = cron.trim().split(/\s+/);
  if (cron.startsWith('@') || fields.length !== FIELDS.length) {
    return [
      `schedule '${cron}' is not a schedule: write minute, hour, day of the month, month and day of the week, such as '0 2 * * sat', or @daily`,
    ];
  }
  return FIELDS.flatMap((field, index) => fieldProblems(cron, field, fields[index] ?? ''));
}

/** The problem with a time zone that Node does not know, if any. */
export function timeZoneProblems(timeZone: string): string[] {
  return isTimeZone(timeZone)
    ? []
    : [`timeZone '${timeZone}' is not a time zone: write a name of the tz database, such as 'Europe/Berlin'`];
}

function isTimeZone(timeZone: string): boolean {
  // Node 22 and later also accept offsets, but Kubernetes accepts only names.
  if (!/^[A-Za-z]/.test(timeZone)) return false;
  try {
    return Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function fieldProblems(cron: string, field: Field, text: string): string[] {
  const parts = text.split(',').filter((part) => part !== '');
  return parts.every((part) => isRange(part, field))
    ? []
    : [
        `schedule '${cron}': ${field.name} '${text}' is invalid: write * or ${String(field.from)} to ${String(field.to)}, also as a range (1-5), a list (1,3) or with steps (*/2)`,
      ];
}

function isRange(text: string, field: Field): boolean {
  const [range = '', step, ...rest] = text.split('/');
  if (rest.length > 0 || (step !== undefined && !(/^\d+$/.test(step) && Number(step) > 0))) return false;
  const [from = '', to, ...further] = range.split('-');
  if (from === '*' || from === '?') return true;
  const [first, last] = [numberOf(from, field), to === undefined ? undefined : numberOf(to, field)];
  if (further.length > 0 || first === undefined || (to !== undefined && last === undefined)) return false;
  return first >= field.from && (last ?? first) <= field.to && first <= (last ?? first);
}

function numberOf(text: string, { from, names = [] }: Field): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  const index = names.indexOf(text.toLowerCase());
  return index < 0 ? undefined : from + index;
}
