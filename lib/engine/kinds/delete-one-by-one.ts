import { shellCommand } from '../cluster/shell-command';
import type { OwnedPod } from './workload-kind';

const NEXT = '# delete the next pod once its replacement is ready';

/** An ordinal, such as that of a StatefulSet's pod; random suffixes have five characters. */
const ORDINAL = /-(\d{1,4})$/;

/**
 * The command that deletes the first of the pods, so that their controller replaces it. Deleting all of them at once
 * would interrupt their traffic, and could cost a database its quorum. Begins with the highest ordinal, like a rolling
 * update of a StatefulSet.
 */
export function deleteOneByOne(namespace: string, pods: readonly OwnedPod[]): string {
  const ordinal = ({ name }: OwnedPod) => Number(ORDINAL.exec(name)?.[1] ?? -1);
  const [first, ...others] = [...pods].sort((one, other) => ordinal(other) - ordinal(one));
  const command = shellCommand('kubectl', '-n', namespace, 'delete', 'pod', ...(first ? [first.name] : []));
  return others.length === 0 ? command : `${command} ${NEXT}`;
}
