import { shellCommand } from '../cluster/shell-command';
import type { OwnedPod } from './workload-kind';

/** The command that deletes the pods, so that their controller replaces them. */
export function deletePods(namespace: string, pods: readonly OwnedPod[]): string {
  return shellCommand('kubectl', '-n', namespace, 'delete', 'pod', ...pods.map(({ name }) => name));
}
