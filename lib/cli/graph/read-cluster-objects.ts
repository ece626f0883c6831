import { apiPath } from '../../engine/cluster/api-path';
import { readInjectionWebhooks, readIstiods } from '../../engine/istio/control-planes';
import { forbidden } from '../../engine/cluster/forbidden';
import type { ApiOptions, KubernetesApi } from '../../engine/cluster/api';
import { ApiFailure } from '../../engine/cluster/api-failure';
import { rootNamespaceOf } from '../../engine/istio/root-namespace';
import { withCluster } from '../../engine/cluster/with-cluster';
import type { TrafficSource } from './traffic-objects';

interface ReadKind {
  readonly kind: string;
  readonly resource: string;
  /** Groups and versions, in order of preference. The first one that the cluster serves is read. */
  readonly apiVersions: readonly string[];
  /** Whether to read only metadata. */
  readonly metadataOnly?: boolean;
}

const NETWORKING = ['networking.istio.io/v1', 'networking.istio.io/v1beta1', 'networking.istio.io/v1alpha3'];
const NAMESPACES: ReadKind = { kind: 'Namespace', resource: 'namespaces', apiVersions: ['v1'], metadataOnly: true };
const PEER_AUTHENTICATIONS: ReadKind = {
  kind: 'PeerAuthentication',
  resource: 'peerauthentications',
  apiVersions: ['security.istio.io/v1', 'security.istio.io/v1beta1'],
};
const KINDS: readonly ReadKind[] = [
  { kind: 'VirtualService', resource: 'virtualservices', apiVersions: NETWORKING },
  { kind: 'DestinationRule', resource: 'destinationrules', apiVersions: NETWORKING },
  { kind: 'Gateway', resource: 'gateways', apiVersions: NETWORKING },
  { kind: 'ServiceEntry', resource: 'serviceentries', apiVersions: NETWORKING },
  { kind: 'WorkloadEntry', resource: 'workloadentries', apiVersions: NETWORKING },
  PEER_AUTHENTICATIONS,
  { kind: 'Service', resource: 'services', apiVersions: ['v1'] },
  { kind: 'Deployment', resource: 'deployments', apiVersions: ['apps/v1'] },
  { kind: 'StatefulSet', resource: 'statefulsets', apiVersions: ['apps/v1'] },
  { kind: 'DaemonSet', resource: 'daemonsets', apiVersions: ['apps/v1'] },
  { kind: 'Pod', resource: 'pods', apiVersions: ['v1'], metadataOnly: true },
];

const ACCESS = 'and the other permissions that docs/command-line.md lists for a graph';

/** The namespace whose policies apply to the whole mesh. */
interface Root {
  /** Empty if the credentials lack the permissions to determine it. */
  readonly rootNamespace: string;
  /** Why it is unknown; empty if it is known. */
  readonly rootProblem: string;
  /** Its policies, if it is not one of the namespaces that are read. */
  readonly rootPolicies: readonly TrafficSource[];
}

/** The objects of a cluster from which a traffic graph is made. */
export interface ClusterObjects extends Root {
  readonly context: string;
  readonly objects: readonly TrafficSource[];
}

/**
 * Reads the objects for a traffic graph. Kinds that the cluster does not serve are empty.
 *
 * @param namespaces reads only these, and policies for the whole mesh
 * @throws RestartError `KubeconfigInvalid`, `ClusterUnreachable`, `Forbidden`, `InjectorOutOfDate` for a mesh
 * configuration that is not YAML
 */
export function readClusterObjects(options: ApiOptions, namespaces?: readonly string[]): Promise<ClusterObjects> {
  const read = async (api: KubernetesApi): Promise<ClusterObjects> => {
    const objects: TrafficSource[] = [];
    if (namespaces === undefined) {
      for (const kind of [...KINDS, NAMESPACES]) objects.push(...(await readKind(api, kind)));
    }
    for (const name of namespaces ?? []) {
      for (const kind of KINDS) objects.push(...(await readKind(api, kind, name)));
      const namespace = await api.find<TrafficSource>(apiPath({ apiVersion: 'v1', resource: 'namespaces', name }));
      if (namespace) objects.push(namespace);
    }
    const root = await readRoot(api, (namespace) => namespaces?.includes(namespace) ?? true);
    return { context: api.context, objects, ...root };
  };
  return withCluster(options, read, ACCESS);
}

/** With credentials for a single namespace, the graph is still drawn, without the mesh-wide policies. */
async function readRoot(api: KubernetesApi, isRead: (namespace: string) => boolean): Promise<Root> {
  try {
    const rootNamespace = rootNamespaceOf(await readIstiods(api, await readInjectionWebhooks(api)));
    const rootPolicies = isRead(rootNamespace) ? [] : await readKind(api, PEER_AUTHENTICATIONS, rootNamespace);
    return { rootNamespace, rootProblem: '', rootPolicies };
  } catch (error) {
    if (!(error instanceof ApiFailure && error.deniedByRbac)) throw error;
    return { rootNamespace: '', rootProblem: forbidden(error, ACCESS).message, rootPolicies: [] };
  }
}

async function readKind(
  api: KubernetesApi,
  { kind, resource, apiVersions, metadataOnly = false }: ReadKind,
  namespace?: string,
): Promise<readonly TrafficSource[]> {
  for (const apiVersion of apiVersions) {
    try {
      return await api.list<TrafficSource, TrafficSource>(
        apiPath({ apiVersion, resource, namespace }),
        // Items of a list have no kind.
        ({ metadata: { name, namespace: own, labels }, spec }) => ({
          apiVersion,
          kind,
          metadata: { name, ...(own === undefined ? {} : { namespace: own }), ...(labels ? { labels } : {}) },
          ...(spec === undefined ? {} : { spec }),
        }),
        { metadataOnly },
      );
    } catch (error) {
      if (!(error instanceof ApiFailure && error.status === 404)) throw error;
    }
  }
  return [];
}
