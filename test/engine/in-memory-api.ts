import type { KubernetesApi, ListOptions } from '../../lib/engine/cluster/api';
import { ApiFailure } from '../../lib/engine/cluster/api-failure';
import { ListItems, type ArrayTexts } from '../../lib/engine/cluster/list-items';
import type { Pod } from '../../lib/engine/cluster/objects';
import type { ClusterObject } from './cluster-builder';

const PATH = /^\/(?:api|apis)\/(.+?)(?:\/namespaces\/([^/]+))?\/([a-z]+)(?:\/([^/]+))?$/;

/**
 * A fake of the API client that reads objects from memory, in their order, without any connection.
 *
 * @param inject returns a new pod as the webhooks change it, or their refusal
 */
export function inMemoryApi(
  objects: readonly ClusterObject[],
  inject: (pod: Pod, namespace: string) => Pod | { readonly status: number; readonly message: string },
): KubernetesApi {
  const found = (path: string) => {
    const [, apiVersion, namespace, plural, name] = PATH.exec(path) ?? [];
    return objects.filter(
      ({ apiVersion: version, kind, metadata }) =>
        version === apiVersion &&
        `${kind.toLowerCase()}s` === plural &&
        (namespace === undefined || metadata.namespace === namespace) &&
        (name === undefined || metadata.name === name),
    );
  };
  const api = {
    list: (path: string, read: (item: unknown, arrays: ArrayTexts) => unknown, options: ListOptions = {}) => {
      const kept: unknown[] = [];
      const { omitted, asText } = options;
      const list = new ListItems({ omitted: new Set(omitted), asText: new Set(asText) }, (text, arrays) =>
        kept.push(read(JSON.parse(text), arrays)),
      );
      list.push(Buffer.from(JSON.stringify({ items: found(path) })));
      return Promise.resolve(kept);
    },
    find: (path: string) => Promise.resolve(found(path)[0]),
    dryRunCreate: (path: string, pod: Pod) => {
      const answer = inject(pod, PATH.exec(path)?.[2] ?? '');
      return 'metadata' in answer
        ? Promise.resolve(answer)
        : Promise.reject(new ApiFailure(answer.status, '', answer.message, `POST ${path}`));
    },
  };
  return api as unknown as KubernetesApi;
}
