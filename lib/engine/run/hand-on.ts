import { cleanText } from '../cluster/clean-text';
import type { RunEvent } from './run-event';

/**
 * Passes events to the caller. Errors of the caller do not end the run, and the run does not wait for a returned
 * promise. The first error becomes a warning of the process, so that it is not lost.
 */
export function handOn<E = RunEvent>({ onEvent }: { readonly onEvent?: (event: E) => void }): (event: E) => void {
  let hasFailed = false;
  const onFailure = (error: unknown) => {
    if (!hasFailed) {
      hasFailed = true;
      process.emitWarning(cleanText(`onEvent failed, and the run continues: ${String(error)}`));
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
