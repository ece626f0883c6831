import { commandAbout, shellCommand } from '../cluster/shell-command';
import { job } from './job';
import type { UnrollableKind } from './workload-kind';

/** The name of a Job is also a label value of its pods. */
const MOST_CHARACTERS = 63;

/**
 * A Job of a CronJob. The next one is created from the CronJob's template.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
 */
export const cronJobRun: UnrollableKind = {
  ...job,
  controlledBy: 'CronJob',
  warning({ namespace, name, controller: { name: cronJob } = { name: '' } }) {
    return {
      reason: 'JobOwned',
      sentence: `a Job cannot be restarted; the next run of CronJob ${cronJob} starts with up-to-date pods`,
      remedy: commandAbout(
        [cronJob],
        shellCommand('kubectl', '-n', namespace, 'create', 'job', `--from=cronjob/${cronJob}`, againOf(name)),
      ),
    };
  },
};

/** A new name for a Job that repeats this one. */
function againOf(name: string): string {
  const suffix = name.endsWith('-again') ? '-anew' : '-again';
  return `${name.slice(0, MOST_CHARACTERS - suffix.length).replace(/[-.]+$/, '')}${suffix}`;
}
