import { deleteOneByOne } from './delete-one-by-one';
import { likeItsPod } from './like-its-pod';
import type { PodHolder, UnknownController } from './workload-kind';

/** A controller of an unknown kind, which the engine does not read. */
export const unknownController: UnknownController = {
  type: 'unknown',
  reasons: ['UnknownController'],
  identity: likeItsPod,
  warning: (holder, pods) => ({
    reason: 'UnknownController',
    ...deleteOneByOne(sentenceOf(holder), holder.namespace, pods),
  }),
};

function sentenceOf({ kind, claimed, controller }: PodHolder): string {
  if (claimed) {
    return `its owner reference names ${claimed.kind} ${claimed.name}, which does not own it`;
  }
  return kind === 'Pod' && controller
    ? `it is controlled by ${controller.kind} ${controller.name}, and the engine does not know how that controller replaces its pods`
    : `the engine does not know how ${controller?.kind ?? kind} replaces its pods`;
}
