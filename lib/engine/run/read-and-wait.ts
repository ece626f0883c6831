import type { Snapshot } from '../snapshot/snapshot';
import type { InjectorReady } from './await-injector';

/** A snapshot that was read while the injectors in use were ready; for a removal, without regard to injectors. */
export interface ReadAndReady {
  readonly snapshot: Snapshot;
  readonly ready: InjectorReady;
}

/**
 * Reads the cluster while the injector is probed. Reads it again if the probes had to wait.
 *
 * @param wait receives a promise of the snapshot
 * @throws what `read` throws, or else what `wait` throws
 */
export async function readAndWait(
  read: () => Promise<Snapshot>,
  wait: (snapshot: Promise<Snapshot>) => Promise<InjectorReady>,
): Promise<ReadAndReady> {
  const reading = read();
  const waiting = wait(reading);
  // Errors of the wait are reported below, after those of the read.
  waiting.catch(() => undefined);
  const snapshot = await reading;
  const ready = await waiting;
  return { snapshot: ready.hasWaited ? await read() : snapshot, ready };
}
