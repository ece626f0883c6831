import { isDeepStrictEqual } from 'node:util';
import { groupBy } from '../../group-by';
import type { KubernetesApi } from '../cluster/api';
import { eachOf } from '../cluster/each-of';
import { FIELD_MANAGER } from '../cluster/field-manager';
import type { ObjectMeta, PodTemplate, StringMap, WorkloadObject } from '../cluster/objects';
import { askForPod, type Absence, type Interference, type InjectorAnswer } from '../injector/ask-for-pod';
import { isWellKnownContainer } from '../injector/sidecar';
import { selectsPod, type InjectionWebhook, type PodWebhook } from '../istio/injection-webhooks';
import { SidecarPool } from '../snapshot/sidecar-pool';
import { workloadPath } from '../snapshot/workload-path';
import { evictable, labelsOfNamespace, type PodRecord, type Snapshot, type Workload } from '../snapshot/snapshot';
import { changedComparisons, outdatedOf } from './compare-sidecars';
import { dryRunPod } from './dry-run-pod';
import { givesSidecar } from './gives-sidecar';
import type { Injection } from './injection';
import { ownTemplates } from './own-templates';
import { QuestionsAlone } from './questions-alone';
import { markOf } from './restart-mark';
import { askingTemplate, hasOverlay, isInTemplate } from './template-sidecar';
import { SharedAnswers, type SharedAnswer } from './shared-answers';
import { unseenContainers, withoutContainers } from './unseen-containers';

/** Answers by the workload's `id`, or by the pod's uid for pods with a different template. */
export type InjectorAnswers = ReadonlyMap<string, InjectorAnswer>;

const CONCURRENCY = 16;
const PROXY = 'istio-proxy';
const NOT_ASKED = 'the injector was not asked, because admission took too long for other workloads of its namespace';
/** After this number of timeouts in one namespace, the engine sends no further dry runs there. */
const MOST_LATE = 16;

/** The answer for the pod. */
export function answerFor(answers: InjectorAnswers, workload: Workload, pod: PodRecord): InjectorAnswer | undefined {
  return answers.get(pod.uid) ?? answers.get(workload.id);
}

/** The template to which the answer for the pod refers. */
export function templateOf(answers: InjectorAnswers, workload: Workload, pod: PodRecord): PodTemplate {
  return answerFor(answers, workload, pod)?.template ?? workload.template;
}

/**
 * Sends one dry run for each workload that is asked about, and one for each further template of its pods, with limited
 * concurrency. If the answer differs from the pods or admission refuses the pod, also asks the injector alone. Without
 * permission for dry runs, only asks the injector alone.
 *
 * @throws RestartError `InjectorUnreachable`, `Forbidden`, `ClusterUnreachable`, `Aborted`, and ApiFailure of the API
 * server itself, because a plan needs all answers
 */
export async function askInjector(
  api: KubernetesApi,
  snapshot: Snapshot,
  isAsked: (workload: Workload) => boolean,
  injection: Injection,
): Promise<InjectorAnswers> {
  const answers = new Map<string, InjectorAnswer>();
  const late = new Map<string, number>();
  const questions = new Questions(api, snapshot, injection);
  await eachOf(inTurns(snapshot.workloads.filter(isAsked)), { limit: CONCURRENCY }, async (workload) => {
    if ((late.get(workload.namespace) ?? 0) >= MOST_LATE) {
      answers.set(workload.id, { denied: NOT_ASKED });
      return;
    }
    const variants = (workload.type === 'unrollable' && workload.variants) || [];
    const apart = new Set(variants.flatMap(({ pods }) => pods));
    const common = workload.pods.filter(({ uid }) => !apart.has(uid));
    const inTemplate = isInTemplate(workload);
    const answer = inTemplate ? await questions.askWithout(workload, common) : await questions.ask(workload, common);
    if (!answer) {
      return;
    }
    if ('denied' in answer && answer.isLate) {
      late.set(workload.namespace, (late.get(workload.namespace) ?? 0) + 1);
    }
    const isTried = canRestart(workload) && questions.isTried(workload);
    const interference =
      isTried && outdatedOf(common, answer, workload).length > 0 ? await questions.interference(workload) : undefined;
    answers.set(workload.id, interference ? { ...answer, interference } : answer);
    const further = [...variants, ...(inTemplate ? [] : await ownTemplates(api, workload, common, answer))];
    for (const { pods, template } of further) {
      const members = workload.pods.filter(({ uid }) => pods.includes(uid));
      const ofVariant = await questions.ask(asOf(template, workload), members);
      if (ofVariant) {
        pods.forEach((uid) => answers.set(uid, { ...ofVariant, template }));
      }
    }
  });
  return answers;
}

/**
 * The workloads in an order in which the namespaces take turns. Workloads of one namespace often share an answer. If
 * all concurrent questions were about one namespace, all but one would wait for this answer.
 */
function inTurns(workloads: readonly Workload[]): readonly Workload[] {
  const groups = groupBy(workloads, ({ namespace }) => namespace);
  const turns = [...groups.values()].flatMap((group) => group.map((workload, turn) => ({ workload, turn })));
  return turns.sort((one, other) => one.turn - other.turn).map(({ workload }) => workload);
}

class Questions {
  private readonly sidecars: SidecarPool;
  private readonly shared = new SharedAnswers();
  private readonly withoutDryRuns: QuestionsAlone;

  constructor(
    private readonly api: KubernetesApi,
    private readonly snapshot: Snapshot,
    private readonly injection: Injection,
  ) {
    this.sidecars = injection.sidecars ?? new SidecarPool();
    this.withoutDryRuns = new QuestionsAlone(api, snapshot, injection);
  }

  /** @param pods the pods to compare with the answer */
  async ask(workload: Workload, pods: readonly PodRecord[]): Promise<InjectorAnswer | undefined> {
    const { namespace, template } = workload;
    const read = {
      share: <T>(value: T) => this.sidecars.value(value),
      containers: recordedContainers(pods),
      needsRecord: hasOverlay({ template, pods }),
      withLabels: true,
    };
    const unseen = unseenContainers(workload, read.containers);
    const pod = dryRunPod(workload);
    const dryRun = () => askForPod(this.api, namespace, pod, read);
    const { dryRuns } = this.injection;
    const asked = dryRuns ? await dryRuns.ask(namespace, dryRun) : { answer: await dryRun() };
    if (!asked) {
      return this.withoutDryRuns.ask(workload, pods, { ...read, unseen });
    }
    const found = asked.answer;
    if (!found) {
      return undefined;
    }
    const full = 'denied' in found ? found : { ...found, sidecar: withoutContainers(unseen, found.sidecar) };
    const isDenied = 'denied' in full;
    const answer = isDenied ? full : keptSidecar(full.sidecar, pods);
    const labels = (isDenied ? undefined : full.labels) ?? pod.metadata.labels;
    // The API server matches the labels that a pod has when it calls a webhook. Earlier webhooks may have added some.
    const byTemplate = this.selecting(this.injection.webhooks, namespace, pod.metadata.labels);
    const byOthers = this.selecting(this.injection.webhooks, namespace, labels).filter(
      (one) => !byTemplate.includes(one),
    );
    const absence = isDenied || full.sidecar ? undefined : absenceOf(byTemplate, byOthers);
    const webhook = calledWebhook([...byTemplate, ...byOthers], isDenied ? undefined : full.sidecar);
    const asking = webhook && byOthers.includes(webhook) ? { ...pod, metadata: { ...pod.metadata, labels } } : pod;
    const askAlone = async () => {
      const given = webhook && (await this.injection.alone.ask(webhook, namespace, asking, read));
      return given && 'sidecar' in given ? { ...given, sidecar: withoutContainers(unseen, given.sidecar) } : given;
    };
    let own: SharedAnswer = {};
    if ('denied' in answer || absence === 'unknown') {
      own = { alone: await askAlone() };
    } else if (webhook && answer.sidecar) {
      const changes = changedComparisons(pods, answer, workload);
      const isShared = changes.length > 0 && this.selecting(this.injection.others, namespace, labels).length === 0;
      if (isShared) {
        own = await this.shared.answer({ workload, pods, answer, changes, asking, webhook }, askAlone);
      } else if (changes.length > 0) {
        own = { alone: await askAlone() };
      }
    }
    const isDecided = absence === 'unknown' && givesSidecar(own.alone) === false;
    return {
      ...answer,
      ...(absence && !isDenied ? { absence: isDecided ? 'decided' : absence } : {}),
      ...own,
      ...(byOthers.length > 0 ? { selectingLabels: labels } : {}),
    };
  }

  /**
   * Asks about a workload whose template contains the sidecar, with a template without it. Only the image of the proxy
   * is taken from the answer: everything else in the template is intentional, but a different image means that the
   * proxy has a different version than the injector.
   */
  async askWithout(workload: Workload, pods: readonly PodRecord[]): Promise<InjectorAnswer | undefined> {
    const template = askingTemplate(workload.template);
    const answer = await this.ask({ ...workload, template }, pods);
    const injected = answer && 'sidecar' in answer ? answer.sidecar?.containers[PROXY]?.fields.image : undefined;
    const running = pods.find(({ sidecar }) => sidecar)?.sidecar;
    if (!answer || 'denied' in answer || !running || (answer.sidecar && injected === undefined)) {
      return answer;
    }
    const proxy = running.containers[PROXY];
    const sidecar =
      answer.sidecar && proxy
        ? {
            ...running,
            containers: { ...running.containers, [PROXY]: { ...proxy, fields: { ...proxy.fields, image: injected } } },
          }
        : undefined;
    return { sidecar, template, ...(answer.open ? { open: answer.open } : {}) };
  }

  /** Whether this run or an earlier one has restarted the workload. If it is still out of date, that had no effect. */
  isTried(workload: Workload): boolean {
    return this.injection.tried?.has(workload.id) === true || markOf(workload) !== undefined;
  }

  /** Who may interfere with a workload that has the same differences after a restart. */
  async interference(workload: Workload): Promise<Interference> {
    const { namespace, template } = workload;
    const path = workloadPath(workload);
    const object = path === undefined ? undefined : await this.api.find<WorkloadObject>(path);
    const others = this.selecting(this.injection.others, namespace, template.metadata?.labels ?? {});
    return {
      managers: templateManagers(object?.metadata.managedFields),
      webhooks: [...new Set(others.map(({ configuration }) => configuration))],
    };
  }

  private selecting<T extends PodWebhook>(webhooks: readonly T[], namespace: string, labels: StringMap): readonly T[] {
    const namespaceLabels = labelsOfNamespace(this.snapshot, { namespace });
    return webhooks.filter((webhook) => selectsPod(webhook, { namespace, namespaceLabels, labels }));
  }
}

function canRestart(workload: Workload): boolean {
  return workload.type === 'rollable' || evictable(workload) !== undefined;
}

/** The field managers of the pod template, except the engine. */
function templateManagers(fields: ObjectMeta['managedFields'] = []): readonly string[] {
  const managers = fields.flatMap(({ manager, fieldsV1 }) =>
    manager !== undefined && manager !== FIELD_MANAGER && JSON.stringify(fieldsV1 ?? {}).includes('"f:template"')
      ? [manager]
      : [],
  );
  return [...new Set(managers)];
}

/**
 * The webhook whose injector returned the sidecar, found by the revision of the sidecar; the first webhook if there is
 * no sidecar, or no webhook has that revision.
 */
function calledWebhook(
  webhooks: readonly InjectionWebhook[],
  sidecar: PodRecord['sidecar'],
): InjectionWebhook | undefined {
  return webhooks.find(({ revision }) => revision === sidecar?.revision) ?? webhooks[0];
}

/**
 * A webhook with failurePolicy `Fail` and without matchConditions was certainly called: if it could not be called, the
 * pod would be refused. A webhook that selects the pod only by labels that other webhooks add is not called if these
 * labels are added after its turn, so the absence is `unknown` unless another webhook was certainly called.
 */
function absenceOf(byTemplate: readonly InjectionWebhook[], byOthers: readonly InjectionWebhook[]): Absence {
  if (byTemplate.length + byOthers.length === 0) {
    return 'notSelected';
  }
  return byTemplate.some(({ failsClosed, hasMatchConditions }) => failsClosed && !hasMatchConditions)
    ? 'decided'
    : 'unknown';
}

/**
 * The names of the containers in the pods' sidecars, except Istio's fixed names. What is left are containers of the
 * application into which an injection template was merged, and further containers that a template added.
 */
function recordedContainers(pods: readonly PodRecord[]): ReadonlySet<string> {
  const sidecars = new Set(pods.flatMap(({ sidecar }) => sidecar ?? []));
  const names = [...sidecars].flatMap(({ containers }) => Object.keys(containers));
  return new Set(names.filter((name) => !isWellKnownContainer(name)));
}

/** The sidecar that a pod already has, if it is equal; otherwise the given one. */
function keptSidecar(
  sidecar: PodRecord['sidecar'],
  pods: readonly PodRecord[],
): { readonly sidecar: PodRecord['sidecar'] } {
  const equal = pods.find(
    (pod, index) => pod.sidecar !== pods[index - 1]?.sidecar && isDeepStrictEqual(pod.sidecar, sidecar),
  );
  return { sidecar: equal ? equal.sidecar : sidecar };
}

/** The workload at the time when it created pods of this template. */
function asOf(template: PodTemplate, workload: Workload): Workload {
  const made = { template, templateSource: 'pod' } as const;
  if (workload.type !== 'rollable') {
    return { ...workload, ...made };
  }
  const { owner, replicaSets } = workload;
  const hashOf = (labels: StringMap | undefined) => labels?.[owner.replicaSets?.hashLabel ?? ''];
  const hash = hashOf(template.metadata?.labels);
  const own = replicaSets.filter(({ labels }) => hashOf(labels) === hash);
  return { ...workload, ...made, replicaSets: own.length > 0 ? own : replicaSets };
}
