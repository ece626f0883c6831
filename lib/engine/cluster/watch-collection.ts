import { METADATA_ONLY, type KubernetesApi } from './api';
import { ApiFailure } from './api-failure';
import { failureIn, type Status } from './failure-in';
import type { ObjectMeta } from './objects';
import { WatchLines } from './watch-lines';

/** Receives what happens in a collection. */
export interface WatchListener {
  /** An object was created, changed or deleted. */
  readonly onChange: (metadata: ObjectMeta, isDeleted: boolean) => void;
  /** Changes may have been missed. */
  readonly onGap: () => void;
}

interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: Status & { readonly metadata?: ObjectMeta };
}

const OBJECT_METADATA_ONLY = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
/** How long one request watches. */
const WATCH_SECONDS = 240;
/** How long the API server is given beyond that to end it. */
const GRACE_SECONDS = 30;
/** A watch that ends earlier is paused for before the next one. */
const SHORT_MILLISECONDS = 1_000;
const EXPIRED = 410;
/** Nothing will come of trying again: it is not permitted, or the kind is not served. */
const REFUSED = new Set([403, 404, 405]);

/**
 * Watches the metadata of a collection, until the caller's signal ends it. It keeps no objects, and continues after lost
 * connections and expired versions.
 *
 * @param from the version from which it begins; see {@link collectionVersion}
 * @throws ApiFailure where the collection may not be watched, or is not served
 * @throws RestartError `Aborted`
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
export async function watchCollection(
  api: KubernetesApi,
  path: string,
  from: string,
  listener: WatchListener,
): Promise<never> {
  let version: string | undefined = from;
  for (let failures = 0; ;) {
    const began = performance.now();
    try {
      if (version === undefined) {
        version = await collectionVersion(api, path);
        listener.onGap();
      }
      const query = { watch: 'true', allowWatchBookmarks: 'true', timeoutSeconds: WATCH_SECONDS };
      await api.request(
        path,
        {
          query: { ...query, resourceVersion: version },
          ...{ accept: OBJECT_METADATA_ONLY, attempts: 1, timeLimitSeconds: WATCH_SECONDS + GRACE_SECONDS },
        },
        () =>
          new WatchLines((line) => {
            version = read(line, path, listener) ?? version;
          }),
      );
      // What ends watches at once would be asked again without end.
      failures = performance.now() - began < SHORT_MILLISECONDS ? failures + 1 : 0;
    } catch (error) {
      api.checkAborted();
      if (error instanceof ApiFailure && REFUSED.has(error.status)) {
        throw error;
      }
      if (error instanceof ApiFailure && error.status === EXPIRED) {
        version = undefined;
        // The API server answers again.
        failures = 0;
      }
      failures += 1;
    }
    if (failures > 0) {
      await api.pause(Math.min(500 * 2 ** (failures - 1), 30_000));
    }
  }
}

/** The version of a collection now. A watch that begins there misses nothing that a later list does not have. */
export async function collectionVersion(api: KubernetesApi, path: string): Promise<string> {
  const list = await api.request(path, { query: { limit: 1 }, accept: METADATA_ONLY });
  return (list as { readonly metadata: { readonly resourceVersion: string } }).metadata.resourceVersion;
}

/** @returns the version from which the watch goes on */
function read(line: string, path: string, { onChange }: WatchListener): string | undefined {
  const { type, object } = JSON.parse(line) as WatchEvent;
  if (type === 'ERROR') {
    throw failureIn({ status: object.code ?? 500, body: JSON.stringify(object) }, `GET ${path}`);
  }
  if (object.metadata && type !== 'BOOKMARK') {
    onChange(object.metadata, type === 'DELETED');
  }
  return object.metadata?.resourceVersion;
}
