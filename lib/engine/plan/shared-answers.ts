import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { allContainers } from '../cluster/all-containers';
import { compareText } from '../cluster/compare-text';
import type { PodTemplate, StringMap } from '../cluster/objects';
import type { GivenSidecar } from '../injector/ask-for-pod';
import type { ChangedLeaf } from '../injector/changed-leaves';
import type { AnswerAlone } from '../injector/injector-alone';
import type { InjectionWebhook } from '../istio/injection-webhooks';
import type { PodRecord, Workload } from '../snapshot/snapshot';
import { comparison, type Comparison } from './compare-sidecars';

/** A workload whose pods differ from the answer to its dry run. */
export interface ChangedWorkload {
  readonly workload: Workload;
  /** The pods to compare with the answer. */
  readonly pods: readonly PodRecord[];
  /** The answer to the dry run. */
  readonly answer: GivenSidecar;
  /** The template of the request, with all labels that the injector sees. */
  readonly asking: PodTemplate;
  readonly webhook: InjectionWebhook;
  /** The comparisons of the pods with the answer. */
  readonly changes: readonly Comparison[];
}

/** The answer of the injector alone, if it could be asked. */
export type SharedAnswer = Pick<GivenSidecar, 'alone' | 'isConfirmed'>;

interface ConfirmedAnswer {
  readonly alone: AnswerAlone;
  readonly isConfirmed: true;
}

/** Labels and annotations of Istio, which the injector reads. */
const OF_ISTIO = /(?:^|\.)istio\.io\//;

/**
 * Answers of the injector alone, shared by workloads of a namespace with the same changes and the same settings for the
 * injector. The injector adds the same values to such workloads, apart from those that it derives from the pod itself,
 * which are not compared.
 *
 * Only for workloads that no other webhook selects, because the same value may come from another webhook for one
 * workload, and from the injector for the next. Only shares an answer that confirms every change, because unconfirmed
 * changes may come from plugins and policies of the API server.
 */
export class SharedAnswers {
  private readonly answers = new Map<string, Promise<ConfirmedAnswer | undefined>>();

  /** @param ask asks the injector about this workload */
  async answer(changed: ChangedWorkload, ask: () => Promise<AnswerAlone | undefined>): Promise<SharedAnswer> {
    const key = keyOf(changed);
    if (key === undefined) {
      return { alone: await ask() };
    }
    const shared = this.answers.get(key);
    if (shared) {
      return (await shared) ?? { alone: await ask() };
    }
    const own = ask();
    const first = own.then((alone) => confirmedAnswer(changed, alone));
    this.answers.set(
      key,
      first.catch(() => undefined),
    );
    return (await first) ?? { alone: await own };
  }
}

/**
 * A key that is equal for workloads that can share an answer; undefined for a workload that cannot share it with any
 * other.
 */
function keyOf({ workload, pods, changes: found, asking, webhook }: ChangedWorkload): string | undefined {
  const changes = found.map((one) => one.changes());
  if (pods.some((pod) => !pod.sidecar) || changes.flat().some(isOfTemplate(workload.template))) {
    return undefined;
  }
  const { labels, annotations } = asking.metadata ?? {};
  const place = [workload.namespace, webhook.configuration, webhook.service];
  return createHash('sha256')
    .update(JSON.stringify([place, settingsIn(labels), settingsIn(annotations), changes]))
    .digest('base64');
}

/** Whether a change is in a container of the template, into which the injector merges fields. */
function isOfTemplate({ spec }: PodTemplate): (change: ChangedLeaf) => boolean {
  const places = allContainers(spec).map(({ name }) => `containers.${name}.`);
  return ({ path }) => places.some((place) => `${path}.`.startsWith(place));
}

function settingsIn(values: StringMap = {}): readonly (readonly [string, string])[] {
  return Object.entries(values)
    .filter(([name]) => OF_ISTIO.test(name))
    .sort(([one], [other]) => compareText(one, other));
}

/** The answer of the injector alone, if it makes exactly the changes that the dry run shows. */
function confirmedAnswer(
  { workload, pods, answer }: ChangedWorkload,
  alone: AnswerAlone | undefined,
): ConfirmedAnswer | undefined {
  if (!alone || !('sidecar' in alone) || !alone.sidecar) {
    return undefined;
  }
  const both = { ...answer, alone };
  const compare = comparison(workload, () => answer);
  const compareBoth = comparison(workload, () => both);
  const pairs = new Map(pods.map((pod) => [compare(pod), compareBoth(pod)]));
  const isConfirmed = [...pairs].every(
    ([all, caused]) => caused.others.length === 0 && isDeepStrictEqual(caused.changes(), all.changes()),
  );
  return isConfirmed ? { alone, isConfirmed } : undefined;
}
