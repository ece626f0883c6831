/**
 * Runs the callback when the signal fires, or immediately if it has already fired.
 *
 * @returns a function that stops listening
 */
export function onAbort(signal: AbortSignal | undefined, run: () => void): () => void {
  signal?.addEventListener('abort', run);
  if (signal?.aborted) {
    run();
  }
  return () => signal?.removeEventListener('abort', run);
}
