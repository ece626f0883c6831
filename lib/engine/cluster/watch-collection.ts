import { METADATA_ONLY, type KubernetesApi } from './api';
import { ApiFailure } from './api-failure';
import { failureIn, type Status } from './failure-in';
import type { ObjectMeta } from './objects';
import { WatchLines } from './watch-lines';

/** Receives the changes of a collection. */
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
/** The duration of one watch request. */
const WATCH_SECONDS = 240;
/** The time after this duration within which the API server must end the request. */
const GRACE_SECONDS = 30;
/** After a watch that was shorter than this, the next one is delayed. */
const SHORT_MILLISECONDS = 1_000;
const EXPIRED = 410;
/** Retries cannot succeed: the watch is not permitted, or the kind is not served. */
const REFUSED = new Set([403, 404, 405]);

/**
 * Watches the metadata of a collection until the caller's signal fires. Stores no objects, and continues after lost
 * connections and expired versions.
 *
 * @param from the version to start from; see {@link collectionVersion}
 * @throws ApiFailure if watching the collection is not permitted, or it is not served
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
      // Prevents a busy loop if a server ends watches immediately.
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

/** The current version of a collection. A watch from this version and a later list together miss no change. */
export async function collectionVersion(api: KubernetesApi, path: string): Promise<string> {
  const list = await api.request(path, { query: { limit: 1 }, accept: METADATA_ONLY });
  return (list as { readonly metadata: { readonly resourceVersion: string } }).metadata.resourceVersion;
}

/** @returns the version from which the watch continues */
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
