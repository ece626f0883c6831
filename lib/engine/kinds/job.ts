import { shellCommand } from '../cluster/shell-command';
import { likeItsPod } from './like-its-pod';
import { ownSelector } from './selects-pod';
import type { UnrollableKind } from './workload-kind';

/** Labels that the Job controller sets itself, and that a new Job must not have. */
const JOB_LABELS = '["controller-uid", "batch.kubernetes.io/controller-uid"]';

/**
 * A Job runs to completion: replaced pods would start their work again.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/job/
 */
export const job: UnrollableKind = {
  type: 'unrollable',
  kind: 'Job',
  apiVersion: 'batch/v1',
  resource: 'jobs',
  reads: ['get', 'list'],
  reasons: ['JobOwned'],
  template: 'owner',
  selectorOf: ownSelector,
  identity: likeItsPod,
  warning: ({ namespace, name }) => ({
    reason: 'JobOwned',
    sentence: 'a Job cannot be restarted, only run again from its start',
    remedy: [
      shellCommand('kubectl', '-n', namespace, 'get', 'job', name, '-o', 'json'),
      shellCommand('jq', `del(.spec.selector, .spec.template.metadata.labels${JOB_LABELS})`),
      shellCommand('kubectl', 'replace', '--force', '-f', '-'),
    ].join(' | '),
  }),
};
