import { shellCommand } from '../cluster/shell-command';
import type { OwnedPod } from './workload-kind';

/** The command after which the pods' controller makes others. */
export function deletePods(namespace: string, pods: readonly OwnedPod[]): string {
  return shellCommand('kubectl', '-n', namespace, 'delete', 'pod', ...pods.map(({ name }) => name));
}
