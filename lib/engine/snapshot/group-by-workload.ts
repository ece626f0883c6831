import { apiPath } from '../cluster/api-path';
import type { KubernetesApi } from '../cluster/api';
import { eachOf } from '../cluster/each-of';
import { groupBy } from '../../group-by';
import type { OwnerReference, Pod, PodSpec, PodTemplate, WorkloadObject } from '../cluster/objects';
import { ownerKind, unrollableKind, unrollableOwner } from '../kinds/kind-of';
import { pod as podKind } from '../kinds/pod';
import { selectsPod } from '../kinds/selects-pod';
import type { PodHolder } from '../kinds/workload-kind';
import { originalTemplate } from './original-template';
import { controllerOf, type Owners, type PodOwner } from './owners';
import { podsAlike, type PodsAlike } from './pods-alike';
import { restartSettings } from './restart-annotations';
import { keyOf, type PodOrigin, type PodRecord, type Workload } from './snapshot';
import { readTemplateHolder } from './read-template-holder';

/** The maximum number of concurrent reads of templates that are not in a list. */
const CONCURRENCY = 16;

/**
 * Groups pods into workloads, with the templates that they were created from.
 *
 * @param wholePods by uid, the complete pods whose template is not read from an owner
 */
export async function groupByWorkload(
  api: KubernetesApi,
  pods: readonly PodRecord[],
  owners: Owners,
  wholePods: ReadonlyMap<string, Pod>,
): Promise<readonly Workload[]> {
  const owned = pods.map((pod) => ({ pod, owner: owners.ownerOf(pod) }));
  const workloads: Workload[] = [];
  const groups = [...groupBy(owned, ({ pod, owner }) => groupOf(pod, owner))];
  await eachOf(groups, { limit: CONCURRENCY }, async ([id, members]) => {
    const [{ pod: first, owner }] = members as [(typeof members)[0]];
    const all = members.map(({ pod }) => pod);
    switch (owner.type) {
      case 'gone':
        break;
      case 'rollable': {
        // An owner that is being deleted no longer replaces pods, even while some still terminate.
        const workload = owner.object.metadata.deletionTimestamp
          ? undefined
          : await rollable(api, first, all, owner, owners);
        workloads.push(...(workload ? [workload] : []));
        break;
      }
      case 'unrollable':
        workloads.push(...(await unrollable(api, id, all, owner, wholePods)));
        break;
      default:
        workloads.push(...(await single(api, first, owner, wholePods)));
    }
  });
  return workloads.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** A key that is equal for pods of one workload. It never relies only on a uid that a tenant could have written. */
function groupOf(pod: PodRecord, owner: PodOwner): string {
  switch (owner.type) {
    case 'rollable':
      return owner.object.metadata.uid;
    case 'unrollable': {
      const { name, uid } = owner.reference;
      return JSON.stringify([pod.origin.namespace, ownerKind(owner.reference), name, uid]);
    }
    case 'gone':
      return '';
    default:
      return pod.uid;
  }
}

async function rollable(
  api: KubernetesApi,
  first: PodRecord,
  pods: readonly PodRecord[],
  { owner, object }: Extract<PodOwner, { type: 'rollable' }>,
  owners: Owners,
): Promise<Workload | undefined> {
  const template = await rollableTemplate(api, object, first);
  const { name, uid, labels = {}, annotations } = object.metadata;
  return (
    template && {
      type: 'rollable',
      id: uid,
      namespace: first.origin.namespace,
      kind: owner.kind,
      name,
      reference: { apiVersion: owner.apiVersion, kind: owner.kind, uid },
      labels,
      pods,
      settings: restartSettings(annotations),
      ...template,
      owner,
      object,
      replicaSets: owners.replicaSetsOf(object),
    }
  );
}

/** The workload of these pods, and one workload for each pod that does not belong to the owner. */
async function unrollable(
  api: KubernetesApi,
  id: string,
  members: readonly PodRecord[],
  { reference, metadata }: Extract<PodOwner, { type: 'unrollable' }>,
  wholePods: ReadonlyMap<string, Pod>,
): Promise<readonly Workload[]> {
  const [first] = members as [PodRecord];
  const { namespace } = first.origin;
  const kind = ownerKind(reference);
  const each = async (pods: readonly PodRecord[], type: 'disowned' | 'controlled') =>
    (await Promise.all(pods.map((pod) => single(api, pod, { type, reference }, wholePods)))).flat();
  if (kind === podKind.kind) {
    // The owner is a Pod, which may be a workload with its own name. Each owned pod is therefore a separate workload,
    // with the name of the owned pod.
    return each(members, 'controlled');
  }
  const read = unrollableKind(kind);
  const holder = read && (await readTemplateHolder(api, namespace, reference));
  if (metadata && !holder) {
    // The owner was deleted after the list, and its pods with it.
    return [];
  }
  const isOwned = ({ labels }: PodRecord) =>
    !read || (holder?.metadata.uid === reference.uid && selectsPod(read, holder, labels));
  const disowned = await each(
    members.filter((pod) => !isOwned(pod)),
    'disowned',
  );
  const pods = members.filter(isOwned);
  const template = holder && templateOf(holder);
  const kinds: readonly PodsAlike[] = template
    ? [{ pods: pods.map(({ uid }) => uid), template: template.template }]
    : await podsByTemplate(api, pods, wholePods);
  const [leader] = pods;
  const [common, ...others] = kinds;
  if (!leader || !common) {
    return disowned;
  }
  const described = metadata ?? holder?.metadata;
  const { labels, origin } = leader;
  const controller = described && controllerOf(described);
  const owner = unrollableOwner(kind, controller?.kind);
  return [
    ...disowned,
    {
      type: 'unrollable',
      id,
      namespace,
      kind,
      name: reference.name,
      reference: { apiVersion: reference.apiVersion, kind: reference.kind, uid: reference.uid },
      // The labels and annotations of an owner that is not read are unknown, so those of its pods are used.
      labels: described ? (described.labels ?? {}) : labels,
      pods,
      settings: described ? restartSettings(described.annotations) : origin.settings,
      owner,
      controller,
      metadata: described,
      template: common.template,
      templateSource: template ? 'owner' : 'pod',
      variants: others,
      identity: owner.identity(reference.name, labels, reference),
    },
  ];
}

/**
 * Groups the pods of an owner without a known template by their own templates. Such an owner may have several kinds of
 * pods, and each kind is judged separately.
 */
async function podsByTemplate(
  api: KubernetesApi,
  pods: readonly PodRecord[],
  wholePods: ReadonlyMap<string, Pod>,
): Promise<readonly PodsAlike[]> {
  const made = await Promise.all(
    pods.map(async (pod) => {
      const found = await podTemplate(api, pod, wholePods);
      return found ? [{ uid: pod.uid, name: pod.name, template: found.template }] : [];
    }),
  );
  return podsAlike(made.flat(), ({ template, name }) => textWithoutName(template, name));
}

/** The common text of pods with one template, without a pod's own name and number, which controllers write into it. */
function textWithoutName({ metadata = {}, spec }: PodTemplate, name: string): string {
  const labels = Object.entries(metadata.labels ?? {}).filter(([label]) => !NUMBERING_LABELS.includes(label));
  return JSON.stringify([Object.fromEntries(labels), metadata.annotations, spec]).replaceAll(
    JSON.stringify(name),
    '""',
  );
}

const NUMBERING_LABELS = [
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
  'batch.kubernetes.io/job-completion-index',
];

type SingleOwner =
  | Extract<PodOwner, { type: 'none' | 'disowned' }>
  /** A pod whose controller is another pod. */
  | { readonly type: 'controlled'; readonly reference: OwnerReference };

/** The workload of a single pod without a controller, or without one that is known to own it. */
async function single(
  api: KubernetesApi,
  pod: PodRecord,
  owner: SingleOwner,
  wholePods: ReadonlyMap<string, Pod>,
): Promise<readonly Workload[]> {
  const template = await podTemplate(api, pod, wholePods);
  const { name, uid, labels, origin } = pod;
  const { namespace, settings, controller } = origin;
  return template
    ? [
        {
          type: 'unrollable',
          id: uid,
          namespace,
          kind: podKind.kind,
          name,
          reference: { apiVersion: podKind.apiVersion, kind: podKind.kind, uid },
          labels,
          pods: [pod],
          settings,
          owner: podKind,
          ...aboutSingle(owner, pod.origin),
          ...template,
          identity: podKind.identity(name, labels, controller),
        },
      ]
    : [];
}

function aboutSingle(
  owner: SingleOwner,
  { controller, isMirror }: PodOrigin,
): Pick<PodHolder, 'claimed' | 'controller' | 'isStatic'> {
  switch (owner.type) {
    case 'disowned':
      return { claimed: owner.reference };
    case 'controlled':
      return { controller: owner.reference };
    default:
      return controller || isMirror ? { isStatic: true } : {};
  }
}

type Template = Pick<Workload, 'template' | 'templateSource'>;

/** Undefined if the pod was deleted after the list. */
async function rollableTemplate(
  api: KubernetesApi,
  object: WorkloadObject,
  pod: PodRecord,
): Promise<Template | undefined> {
  const own = templateOf(object);
  if (own) {
    return own;
  }
  const { apiVersion = '', kind = '', name = '' } = object.spec.workloadRef ?? {};
  const holder = await readTemplateHolder(api, pod.origin.namespace, { apiVersion, kind, name });
  return (holder && templateOf(holder)) ?? (await podTemplate(api, pod, new Map()));
}

/**
 * A template without containers does not count: a Rollout that references the template of another object may also have
 * an empty template of its own.
 */
function templateOf({ spec: { template } }: WorkloadObject): Template | undefined {
  return template && hasContainers(template) ? { template, templateSource: 'owner' } : undefined;
}

function hasContainers({ spec }: { readonly spec?: Partial<PodSpec> }): boolean {
  return Array.isArray(spec?.containers);
}

/** Undefined if the pod was deleted after the list. */
async function podTemplate(
  api: KubernetesApi,
  { uid, name, origin }: PodRecord,
  wholePods: ReadonlyMap<string, Pod>,
): Promise<Template | undefined> {
  const pod =
    wholePods.get(uid) ??
    (await api.find<Pod>(apiPath({ apiVersion: 'v1', resource: 'pods', namespace: origin.namespace, name })));
  return pod && { template: originalTemplate(pod), templateSource: 'pod' };
}
