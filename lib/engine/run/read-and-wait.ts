import type { Snapshot } from '../snapshot/snapshot';
import type { InjectorReady } from './await-injector';

/** A snapshot that is not older than the injector's readiness. */
export interface ReadAndReady {
  readonly snapshot: Snapshot;
  readonly ready: InjectorReady;
}

/**
 * Reads the cluster while the injector is probed. Where that had to wait, what was read is out of date and is read again.
 *
 * @param wait is given the snapshot to come
 * @throws what `read` throws, or else what `wait` throws
 */
export async function readAndWait(
  read: () => Promise<Snapshot>,
  wait: (snapshot: Promise<Snapshot>) => Promise<InjectorReady>,
): Promise<ReadAndReady> {
  const reading = read();
  const waiting = wait(reading);
  // Its failure is reported below, after the reading's.
  waiting.catch(() => undefined);
  const snapshot = await reading;
  const ready = await waiting;
  return { snapshot: ready.hasWaited ? await read() : snapshot, ready };
}
