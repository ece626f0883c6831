import { shellCommand } from '../cluster/shell-command';
import type { Workload } from '../snapshot/snapshot';

const ROLLED_BY_KUBECTL = ['Deployment', 'StatefulSet', 'DaemonSet'];

/** The command that restarts the workload by hand; empty when there is none. */
export function restartCommand({ kind, namespace, name }: Pick<Workload, 'kind' | 'namespace' | 'name'>): string {
  return ROLLED_BY_KUBECTL.includes(kind)
    ? shellCommand('kubectl', '-n', namespace, 'rollout', 'restart', `${kind.toLowerCase()}/${name}`)
    : kind === 'Rollout'
      ? shellCommand('kubectl', 'argo', 'rollouts', '-n', namespace, 'restart', name)
      : '';
}
