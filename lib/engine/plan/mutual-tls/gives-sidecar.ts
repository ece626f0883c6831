import type { InjectorAnswer } from '../../injector/ask-for-pod';
import type { AnswerAlone } from '../../injector/injector-alone';

/** Whether the answer contains a sidecar. */
export function givesSidecar(answer: InjectorAnswer | AnswerAlone | undefined): boolean {
  return answer !== undefined && 'sidecar' in answer && answer.sidecar !== undefined;
}
