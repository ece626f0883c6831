/** Schedules that the API server accepts. */
export const ACCEPTED_SCHEDULES: readonly string[] = [
  '* * * * *',
  '0 2 * * sat',
  '0 2 * * SAT,SUN',
  '*/15 22-23,0-4 1-15/2 jan-mar mon-fri',
  '30 4 ? * *',
  '5/10 * * * *',
  '@daily',
  '@every 1h30m',
  // Nobody writes these schedules, but the API server accepts them.
  '0 2 1, * *',
  '*-5 * * * *',
];

/** Schedules that the API server refuses. */
export const REFUSED_SCHEDULES: readonly string[] = [
  '',
  '0 2 * *',
  '0 0 2 * * *',
  '60 * * * *',
  '0 24 * * *',
  '0 2 0 * *',
  '0 2 32 * *',
  '0 2 * 13 *',
  '0 2 * * 7',
  '0 2 * * someday',
  '0 5-2 * * *',
  '*/0 * * * *',
  '1-2-3 * * * *',
  '1/2/3 * * * *',
  '@nightly',
  '@every 1h 2m',
  'TZ=UTC 0 2 * * *',
];
