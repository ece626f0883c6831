import { shellCommand } from '../cluster/shell-command';
import type { OwnedPod } from './workload-kind';

/** An ordinal, such as that of a StatefulSet's pod; random suffixes have five characters. */
const ORDINAL = /-(\d{1,4})$/;

/**
 * The cause, and the command that deletes the first of the pods, so that their controller replaces it. Deleting all of
 * them at once would interrupt their traffic, and could cost a database its quorum. Begins with the highest ordinal,
 * like a rolling update of a StatefulSet.
 */
export function deleteOneByOne(
  sentence: string,
  namespace: string,
  pods: readonly OwnedPod[],
): { readonly sentence: string; readonly remedy: string } {
  const ordinal = ({ name }: OwnedPod) => Number(ORDINAL.exec(name)?.[1] ?? -1);
  const [first] = [...pods].sort((one, other) => ordinal(other) - ordinal(one));
  return {
    sentence: pods.length > 1 ? `${sentence} (delete one pod at a time)` : sentence,
    remedy: shellCommand('kubectl', '-n', namespace, 'delete', 'pod', ...(first ? [first.name] : [])),
  };
}
