import { createHash } from 'node:crypto';
import type { KubernetesApi } from '../cluster/api';
import { ApiFailure } from '../cluster/api-failure';
import { apiPath } from '../cluster/api-path';
import type { ObjectMeta } from '../cluster/objects';
import { collectionVersion, watchCollection } from '../cluster/watch-collection';
import { isAborted } from '../restart-error';

/**
 * Whom a change concerns: the whole mesh, or only one namespace, which is undefined if it is not known. `deployment`
 * stands for a Deployment in the namespace of a control plane: it may be istiod, or a gateway that a run has restarted.
 */
export type ChangeScope = 'mesh' | 'deployment' | { readonly namespace: string | undefined };

/** The namespaces of a mesh. */
export interface MeshNamespaces {
  readonly controlPlanes: Iterable<string>;
  /** The namespace whose ProxyConfigs apply to the whole mesh. */
  readonly root: string | undefined;
}

export interface ChangeListener {
  /**
   * @param what for example `ConfigMap istio-system/istio was changed`
   */
  readonly onChange: (what: string, scope: ChangeScope) => void;
  /** A collection cannot be watched, so only the next plan finds its changes. Called once for each. */
  readonly onRefused: (message: string) => void;
}

/** A collection of objects whose metadata may affect sidecars. */
interface Source {
  readonly kind: string;
  readonly path: string;
  /** The relevant metadata as text; undefined for an irrelevant object. A different text is a change. */
  readonly aspect: (metadata: ObjectMeta) => string | undefined;
}

interface Listed {
  readonly metadata: ObjectMeta;
}

/** The names of the ConfigMaps of istiod, for all revisions. */
const CONFIGURATION = /^istio(-sidecar-injector)?(-|$)/;
/** Marks ConfigMaps for leader election of istiod, which change every few seconds. */
const LEADER = 'control-plane.alpha.kubernetes.io/leader';

const NOT_FOUND = 404;

const generation = ({ generation: number }: ObjectMeta) => String(number);

const CLUSTER_SOURCES: readonly Source[] = [
  {
    kind: 'MutatingWebhookConfiguration',
    path: '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
    aspect: generation,
  },
  {
    kind: 'Namespace',
    path: '/api/v1/namespaces',
    aspect: ({ labels = {}, annotations = {} }) => digest(JSON.stringify([labels, annotations])),
  },
  { kind: 'ProxyConfig', path: '/apis/networking.istio.io/v1beta1/proxyconfigs', aspect: generation },
];

function sourcesIn(namespace: string): readonly Source[] {
  return [
    {
      kind: 'Deployment',
      path: apiPath({ apiVersion: 'apps/v1', resource: 'deployments', namespace }),
      aspect: generation,
    },
    {
      kind: 'ConfigMap',
      path: apiPath({ apiVersion: 'v1', resource: 'configmaps', namespace }),
      aspect: ({ name, annotations = {}, resourceVersion }) =>
        CONFIGURATION.test(name) && !(LEADER in annotations) ? resourceVersion : undefined,
    },
  ];
}

/**
 * Watches the objects that affect sidecars: MutatingWebhookConfigurations, labels and annotations of Namespaces,
 * ProxyConfigs, and Deployments and istiod's ConfigMaps in the namespaces of control planes. Stores one short text for
 * each object.
 */
export class SidecarChanges {
  private root: string | undefined;
  /** What ends each watch, by path. */
  private readonly watched = new Map<string, AbortController>();
  private readonly refused = new Set<string>();

  constructor(
    private readonly api: KubernetesApi,
    private readonly listener: ChangeListener,
  ) {}

  /**
   * From now on, watches the sources of the whole cluster and those in the namespaces of these control planes. Ends the
   * watches in other namespaces. May miss earlier changes.
   */
  async follow({ controlPlanes, root }: MeshNamespaces): Promise<void> {
    this.root = root;
    const sources = [...CLUSTER_SOURCES, ...[...controlPlanes].flatMap(sourcesIn)];
    const wanted = new Set(sources.map(({ path }) => path));
    for (const [path, ending] of this.watched) {
      if (!wanted.has(path)) {
        ending.abort();
        this.watched.delete(path);
      }
    }
    for (const path of this.refused) {
      if (!wanted.has(path)) {
        this.refused.delete(path);
      }
    }
    await Promise.all(sources.filter(({ path }) => !this.watched.has(path)).map((source) => this.begin(source)));
  }

  private async begin(source: Source): Promise<void> {
    const { kind, path, aspect } = source;
    const ending = new AbortController();
    this.watched.set(path, ending);
    const api = this.api.until(ending.signal);
    const aspects = new Map<string, string>();
    let version: string;
    try {
      version = await collectionVersion(api, path);
      await api.list(path, ({ metadata }: Listed) => keep(aspects, metadata, aspect(metadata)), {
        metadataOnly: true,
      });
    } catch (error) {
      this.refuse(source, ending, error);
      return;
    }
    this.refused.delete(path);
    const onChange = (metadata: ObjectMeta, isDeleted: boolean) => {
      const now = isDeleted ? undefined : aspect(metadata);
      if (keep(aspects, metadata, now)) {
        const what = `${kind} ${nameIn(metadata)} was ${isDeleted ? 'deleted' : 'changed'}`;
        this.listener.onChange(what, this.scopeOf(kind, metadata));
      }
    };
    const onGap = () => {
      this.listener.onChange(`${kind}s may have changed while they were not watched`, this.scopeOf(kind));
    };
    watchCollection(api, path, version, { onChange, onGap }).catch((error: unknown) => {
      this.refuse(source, ending, error);
    });
  }

  /**
   * Tenants can change ProxyConfigs in their namespaces, and some tenants can also change the labels of their
   * Namespaces, so such a change counts only for its own namespace. Only a ProxyConfig of the root namespace counts for
   * the mesh.
   */
  private scopeOf(kind: string, object?: ObjectMeta): ChangeScope {
    switch (kind) {
      case 'Namespace':
        return { namespace: object?.name };
      case 'ProxyConfig':
        return object && object.namespace === this.root ? 'mesh' : { namespace: object?.namespace };
      case 'Deployment':
        return 'deployment';
      default:
        return 'mesh';
    }
  }

  /** The next call of `follow` tries again. */
  private refuse({ kind, path }: Source, ending: AbortController, error: unknown): void {
    if (ending.signal.aborted) {
      return;
    }
    this.watched.delete(path);
    const isNotServed = error instanceof ApiFailure && error.status === NOT_FOUND;
    if (!isNotServed && !isAborted(error) && !this.refused.has(path)) {
      this.refused.add(path);
      this.listener.onRefused(`${kind}s cannot be watched: ${(error as Error).message}`);
    }
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

/** @returns whether the text has changed */
function keep(aspects: Map<string, string>, { uid }: ObjectMeta, aspect: string | undefined): boolean {
  const before = aspects.get(uid);
  if (aspect === undefined) {
    aspects.delete(uid);
  } else {
    aspects.set(uid, aspect);
  }
  return before !== aspect;
}

function nameIn({ namespace, name }: ObjectMeta): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}
