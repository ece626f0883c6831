import { cleanText } from '../cluster/clean-text';
import type { RunEvent } from './run-event';

/**
 * Hands events on to the caller, who cannot end the run by failing, nor hold it up by answering with a promise. The first
 * failure is a warning of the process, for without one nobody would learn of it.
 */
export function handOn<E = RunEvent>({ onEvent }: { readonly onEvent?: (event: E) => void }): (event: E) => void {
  let hasFailed = false;
  const onFailure = (error: unknown) => {
    if (!hasFailed) {
      hasFailed = true;
      process.emitWarning(cleanText(`onEvent failed, and the run goes on without it: ${String(error)}`));
    }
  };
  return (event) => {
    try {
      const answer: unknown = onEvent?.(event);
      Promise.resolve(answer).catch(onFailure);
    } catch (error) {
      onFailure(error);
    }
  };
}
