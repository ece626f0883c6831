/**
 * Runs it when the signal fires, and at once where that has fired already.
 *
 * @returns ends the listening
 */
export function onAbort(signal: AbortSignal | undefined, run: () => void): () => void {
  signal?.addEventListener('abort', run);
  if (signal?.aborted) {
    run();
  }
  return () => signal?.removeEventListener('abort', run);
}
