import { commandAbout, shellCommand } from '../cluster/shell-command';
import { job } from './job';
import type { UnrollableKind } from './workload-kind';

/** A Job's name is a label of its pods. */
const MOST_CHARACTERS = 63;

/**
 * A Job that a CronJob has made: the next one is made from the CronJob's template.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
 */
export const cronJobRun: UnrollableKind = {
  ...job,
  controlledBy: 'CronJob',
  warning({ namespace, name, controller: { name: cronJob } = { name: '' } }) {
    return {
      reason: 'JobOwned',
      sentence: `a Job cannot be restarted; the next run of CronJob ${cronJob} starts with pods that are up to date`,
      remedy: commandAbout(
        [cronJob],
        shellCommand('kubectl', '-n', namespace, 'create', 'job', `--from=cronjob/${cronJob}`, againOf(name)),
      ),
    };
  },
};

/** The name of a Job that runs again what this one ran, and that is another. */
function againOf(name: string): string {
  const suffix = name.endsWith('-again') ? '-anew' : '-again';
  return `${name.slice(0, MOST_CHARACTERS - suffix.length).replace(/[-.]+$/, '')}${suffix}`;
}
