import { cronProblems, timeZoneProblems } from '../../../lib/mesh/restarter/cron-schedule';
import { ACCEPTED_SCHEDULES, REFUSED_SCHEDULES } from './cron-schedules';

test.each(ACCEPTED_SCHEDULES)('accepts the schedule %s', (cron) => {
  expect(cronProblems(cron)).toEqual([]);
});

test.each(REFUSED_SCHEDULES)('refuses the schedule %j', (cron) => {
  expect(cronProblems(cron)).toHaveLength(1);
});

test('says which field is wrong, and what to write', () => {
  expect(cronProblems('0 24 * * *')).toEqual([
    "schedule '0 24 * * *': hour '24' is invalid: write * or 0 to 23, also as a range (1-5), a list (1,3) or with steps (*/2)",
  ]);
  expect(cronProblems('CRON_TZ=UTC 0 2 * * *')).toEqual([
    "schedule 'CRON_TZ=UTC 0 2 * * *' contains a time zone, which a CronJob does not allow: write it as timeZone",
  ]);
});

test.each(['Etc/UTC', 'UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires'])('accepts the time zone %s', (zone) => {
  expect(timeZoneProblems(zone)).toEqual([]);
});

test.each(['', 'Local', '+01:00', 'Europe/Atlantis', 'Berlin'])('refuses the time zone %j', (zone) => {
  expect(timeZoneProblems(zone)).toEqual([
    `timeZone '${zone}' is not a time zone: write a name of the tz database, such as 'Europe/Berlin'`,
  ]);
});
