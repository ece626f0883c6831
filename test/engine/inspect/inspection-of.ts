import type { Istiod } from '../../../lib/engine/istio/control-planes';
import type { IstioResource } from '../../../lib/engine/istio/foreign-resources';
import type { Finding, MeshInspection } from '../../../lib/engine/inspect/inspection';
import { inspectState, type InspectionScope } from '../../../lib/engine/inspect/inspect-state';
import type { MeshState } from '../../../lib/engine/inspect/mesh-state';
import type { PeerAuthentication } from '../../../lib/engine/istio/mutual-tls/peer-authentications';
import type { StringMap, Webhook, WebhookConfiguration, WorkloadObject } from '../../../lib/engine/cluster/objects';
import { readSnapshot } from '../../../lib/engine/snapshot/read-snapshot';
import type { ClusterObject } from '../cluster-builder';
import { inMemoryApi } from '../in-memory-api';

export interface IstiodSketch {
  /** @default 'default' */
  readonly revision?: string;
  /** @default 'istiod' */
  readonly name?: string;
  /** The registry of its images; @default 'registry.example' */
  readonly hub?: string;
  /** @default '1.31.1-distroless' */
  readonly tag?: string;
  /** The tags of its pods' images; @default one pod with the tag of the template */
  readonly pods?: readonly string[];
  readonly status?: WorkloadObject['status'];
  /** The mesh configuration. */
  readonly mesh?: string;
}

export interface MeshSketch {
  /** Namespaces, workloads and pods. */
  readonly objects?: readonly ClusterObject[];
  /** @default one */
  readonly istiods?: readonly IstiodSketch[];
  /** @default those of the default revision */
  readonly webhooks?: readonly WebhookConfiguration[];
  readonly policies?: readonly PeerAuthentication[];
  readonly resources?: readonly IstioResource[];
}

/** The inspection of a mesh at noon. */
export async function inspectionOf(sketch: MeshSketch, scope: InspectionScope = {}): Promise<MeshInspection> {
  return inspectState(await stateOf(sketch), scope, { cluster: 'test', time: Date.parse('2026-11-24T12:00:00.123Z') });
}

/** The findings of the inspection with this code. */
export async function findingsOf(
  code: Finding['code'],
  sketch: MeshSketch,
  scope?: InspectionScope,
): Promise<readonly Finding[]> {
  return (await inspectionOf(sketch, scope)).findings.filter((finding) => finding.code === code);
}

async function stateOf(sketch: MeshSketch): Promise<MeshState> {
  const {
    objects = [],
    istiods = [{}],
    webhooks = [revisionWebhooks()],
    policies = [STRICT_MESH],
    resources = [],
  } = sketch;
  return {
    istiods: istiods.map(istiodOf),
    istiodPods: istiods.flatMap(({ revision = 'default', hub, tag = '1.31.1-distroless', pods = [tag] }) =>
      pods.map((own) => ({ namespace: 'istio-system', revision, image: imageOf(own, hub) })),
    ),
    webhookConfigurations: webhooks,
    peerAuthentications: policies,
    resources,
    snapshot: await readSnapshot(inMemoryApi(objects, (pod) => pod)),
  };
}

const imageOf = (tag: string, hub = 'registry.example') => (tag === '' ? `${hub}/pilot` : `${hub}/pilot:${tag}`);

function istiodOf({
  revision = 'default',
  name = 'istiod',
  hub,
  tag = '1.31.1-distroless',
  status,
  mesh,
}: IstiodSketch): Istiod {
  const metadata = { name, namespace: 'istio-system', uid: `uid-${name}`, generation: 1 };
  return {
    revision,
    deployment: {
      metadata,
      spec: { replicas: 1, template: { spec: { containers: [{ name: 'discovery', image: imageOf(tag, hub) }] } } },
      status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1, ...status },
    },
    injectorConfigMap: undefined,
    meshConfigMap: mesh === undefined ? undefined : { metadata: { ...metadata, name: 'istio' }, data: { mesh } },
  };
}

const label = (key: string, operator: string, ...values: string[]) => ({ key, operator, values });
const webhook = (
  name: string,
  namespaceSelector: Webhook['namespaceSelector'],
  objectSelector: Webhook['objectSelector'],
): Webhook => ({ name: `${name}.sidecar-injector.istio.io`, clientConfig: {}, namespaceSelector, objectSelector });
const all = (...matchExpressions: ReturnType<typeof label>[]) => ({ matchExpressions });
const NOT_OPTED_OUT = label('sidecar.istio.io/inject', 'NotIn', 'false');

/**
 * The webhooks that a chart of Istio has for a revision and, if that is the default, for the namespaces without a
 * revision.
 */
export function revisionWebhooks(revision = 'default', isDefault = revision === 'default'): WebhookConfiguration {
  return webhooksFor(`istio-sidecar-injector-${revision}`, revision, { 'istio.io/rev': revision }, isDefault);
}

/** The webhooks of a revision tag. */
export function tagWebhooks(tag: string, revision: string): WebhookConfiguration {
  const labels = { 'istio.io/rev': revision, 'istio.io/tag': tag };
  return webhooksFor(`istio-revision-tag-${tag}`, tag, labels, tag === 'default');
}

function webhooksFor(name: string, value: string, labels: StringMap, isDefault: boolean): WebhookConfiguration {
  const unlabelled = [label('istio-injection', 'DoesNotExist'), label('istio.io/rev', 'DoesNotExist')];
  return {
    metadata: { name, uid: `uid-${name}`, labels },
    webhooks: [
      webhook(
        'rev.namespace',
        all(label('istio.io/rev', 'In', value), label('istio-injection', 'DoesNotExist')),
        all(NOT_OPTED_OUT),
      ),
      webhook('rev.object', all(...unlabelled), all(NOT_OPTED_OUT, label('istio.io/rev', 'In', value))),
      ...(isDefault
        ? [
            webhook('namespace', all(label('istio-injection', 'In', 'enabled')), all(NOT_OPTED_OUT)),
            webhook(
              'object',
              all(...unlabelled),
              all(label('sidecar.istio.io/inject', 'In', 'true'), label('istio.io/rev', 'DoesNotExist')),
            ),
          ]
        : []),
    ],
  };
}

export interface PolicySketch {
  /** @default 'default' */
  readonly name?: string;
  readonly selector?: StringMap;
  /** @default '2026-01-01T00:00:00Z' */
  readonly createdAt?: string;
}

export function policy(namespace: string, mode: string | undefined, options: PolicySketch = {}): PeerAuthentication {
  const { name = 'default', selector, createdAt = '2026-01-01T00:00:00Z' } = options;
  return {
    metadata: { name, namespace, uid: `uid-${namespace}-${name}`, creationTimestamp: createdAt },
    spec: {
      ...(selector ? { selector: { matchLabels: selector } } : {}),
      ...(mode === undefined ? {} : { mtls: { mode } }),
    },
  };
}

/** The mesh-wide policy of an IstioModule. */
export const STRICT_MESH = policy('istio-system', 'STRICT');
