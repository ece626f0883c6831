import { shellCommand } from '../cluster/shell-command';
import type { Interference } from '../injector/ask-for-pod';
import type { Workload } from '../snapshot/snapshot';
import type { WorkloadPlan } from './plan';
import { planEntry } from './plan-entry';
import type { RestartMark } from './restart-mark';

/** The decision about a workload that an earlier restart did not bring up to date, with what may have prevented it. */
export function withoutEffect(
  workload: Workload,
  { at }: RestartMark,
  what: string,
  interference: Interference | undefined,
): WorkloadPlan {
  const { namespace, name, kind } = workload;
  return {
    ...planEntry(
      workload,
      'undetermined',
      'RestartWithoutEffect',
      `${what}, and the restart of ${at} did not change that${suspects(workload, interference)}`,
    ),
    remedy: shellCommand(
      'kubectl',
      '-n',
      namespace,
      'get',
      `${kind.toLowerCase()}/${name}`,
      '-o',
      'yaml',
      '--show-managed-fields',
    ),
  };
}

/** Candidates that may have reverted the restart, or may change pods differently than in a dry run. */
function suspects(workload: Workload, interference: Interference = { managers: [], webhooks: [] }): string {
  const { ownerReferences = [] } = workload.type === 'rollable' ? workload.object.metadata : {};
  const owners = ownerReferences.map(({ kind, name }) => `its owner ${kind} ${name}`);
  const managers = interference.managers.map((manager) => `${manager}, which writes its pod template`);
  const webhooks = interference.webhooks.map((name) => `webhook configuration ${name}`);
  const all = [...owners, ...managers, ...webhooks];
  return all.length === 0 ? '' : `; the cause may be ${all.slice(0, 6).join(', or ')}`;
}
