import { compareText } from '../cluster/compare-text';
import { apiPath } from '../cluster/api-path';
import { INSPECTION_ACCESS } from '../cluster/forbidden';
import type { ApiOptions, KubernetesApi } from '../cluster/api';
import type { ObjectMeta, StringMap } from '../cluster/objects';
import { isTransition } from './mutual-tls/transition-policy';
import { RestartError } from '../restart-error';
import { withCluster } from '../cluster/with-cluster';

/** An object of one of Istio's API groups. */
export interface IstioResource {
  readonly group: string;
  readonly kind: string;
  /** Empty for a cluster-scoped kind. */
  readonly namespace: string;
  readonly name: string;
  readonly labels: StringMap;
}

interface ApiGroupList {
  readonly groups: readonly {
    readonly name: string;
    readonly versions: readonly { readonly groupVersion: string }[];
  }[];
}

interface ApiResourceList {
  readonly resources: readonly { readonly name: string; readonly kind: string; readonly verbs: readonly string[] }[];
}

const ISTIO_GROUP = /(^|\.)istio\.io$/;

/**
 * Fails if Istio resources exist that the caller does not own, because an uninstall deletes Istio's CRDs with all
 * objects.
 *
 * @param owned the objects that the uninstall deletes, as `kind/namespace/name`
 * @throws RestartError `ForeignResources` with a list of the resources
 */
export async function refuseForeignResources(options: ApiOptions, owned: readonly string[]): Promise<void> {
  const mine = new Set(owned);
  const foreign = (await withCluster(options, readIstioResources, INSPECTION_ACCESS)).filter(
    (resource) => !mine.has(identityOf(resource)) && !isTransition({ metadata: resource }),
  );
  if (foreign.length > 0) {
    const listed = foreign
      .slice(0, 20)
      .map(({ kind, namespace, name }) => `${kind} ${namespace ? `${namespace}/` : ''}${name}`);
    throw new RestartError(
      'ForeignResources',
      `Istio is not uninstalled: ${String(foreign.length)} ${foreign.length === 1 ? 'resource' : 'resources'} of Istio's API groups that this stack does not own would be deleted with Istio's CRDs: ${listed.join(', ')}${foreign.length > 20 ? ', …' : ''}`,
      {
        remedy: `delete ${foreign.length === 1 ? 'it' : 'them'} first; to delete ${foreign.length === 1 ? 'it' : 'them'} with Istio, set force: true, run pulumi up and uninstall again`,
      },
    );
  }
}

/** The name of an owned object for `refuseForeignResources`. */
export function identityOf(resource: {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}): string {
  return `${resource.kind}/${resource.namespace ?? ''}/${resource.name}`;
}

/**
 * All objects of Istio's API groups without duplicates, sorted by group and kind, because the API server returns them
 * in no fixed order.
 */
export async function readIstioResources(api: KubernetesApi): Promise<readonly IstioResource[]> {
  const { groups } = await api.get<ApiGroupList>('/apis');
  const found: IstioResource[] = [];
  const ofIstio = groups.filter(({ name }) => ISTIO_GROUP.test(name)).sort((a, b) => compareText(a.name, b.name));
  for (const { name: group, versions } of ofIstio) {
    const paths = [...(await listablePaths(api, versions))].sort(([, a], [, b]) => compareText(a, b));
    for (const [path, kind] of paths) {
      found.push(
        ...(await api.list<{ metadata: ObjectMeta }, IstioResource>(
          path,
          ({ metadata: { namespace = '', name, labels = {} } }) => ({ group, kind, namespace, name, labels }),
          { metadataOnly: true },
        )),
      );
    }
  }
  return found;
}

/**
 * One path for each kind, in the first version that serves it. The preferred version of the group lacks EnvoyFilter and
 * ProxyConfig.
 */
async function listablePaths(
  api: KubernetesApi,
  versions: readonly { readonly groupVersion: string }[],
): Promise<ReadonlyMap<string, string>> {
  const paths = new Map<string, string>();
  const seen = new Set<string>();
  for (const { groupVersion } of versions) {
    const { resources } = await api.get<ApiResourceList>(apiPath({ apiVersion: groupVersion }));
    for (const { name, kind, verbs } of resources) {
      if (verbs.includes('list') && !name.includes('/') && !seen.has(kind)) {
        seen.add(kind);
        paths.set(apiPath({ apiVersion: groupVersion, resource: name }), kind);
      }
    }
  }
  return paths;
}
