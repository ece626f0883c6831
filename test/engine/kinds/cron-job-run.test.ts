import { cronJobRun } from '../../../lib/engine/kinds/cron-job-run';

const remedyOf = (name: string) =>
  cronJobRun.warning({ namespace: 'shop', kind: 'Job', name, controller: { kind: 'CronJob', name: 'nightly' } }, [])
    .remedy;
const nameIn = (remedy: string) => remedy.split(' ').at(-1) ?? '';

describe('the Job that runs again what a CronJob has run', () => {
  test.each([
    'nightly-29000000',
    'n'.repeat(63),
    `${'n'.repeat(56)}-29000`,
    `${'n'.repeat(57)}-again`,
    'nightly-again',
  ])('has a name that Kubernetes takes, and that is not %s', (name) => {
    const again = nameIn(remedyOf(name));
    expect(again).toMatch(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/);
    expect(again).not.toBe(name);
    expect(nameIn(remedyOf(again))).not.toBe(again);
  });
});
