import type { InjectorAnswer } from '../injector/ask-for-pod';
import type { AnswerAlone } from '../injector/injector-alone';

/** Whether the answer contains a sidecar; undefined if there is no answer, or the pod was refused. */
export function givesSidecar(answer: InjectorAnswer | AnswerAlone | undefined): boolean | undefined {
  return answer && 'sidecar' in answer ? answer.sidecar !== undefined : undefined;
}
