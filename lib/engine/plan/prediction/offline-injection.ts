import { parse } from 'yaml';
import { askForPod, type InjectorAnswer } from '../../injector/ask-for-pod';
import { eachOf } from '../../cluster/each-of';
import type { KubernetesApi } from '../../cluster/api';
import type { Pod } from '../../cluster/objects';
import { RestartError } from '../../restart-error';
import { sidecarOf, STATUS_ANNOTATION } from '../../injector/sidecar';
import { kubeInject, type Istioctl, type OfflineConfiguration } from './istioctl';
import { mergedSidecar } from './merged-sidecar';
import type { UninjectedPod } from './offline-pod';

/** One pod that is to be injected without a cluster. */
export interface OfflineTask {
  /** Of its workload's object. */
  readonly id: string;
  readonly pod: UninjectedPod;
  readonly configuration: OfflineConfiguration;
}

/** A pod as a YAML text, or why the injector refuses it. */
export type OfflineResult = { readonly text: string } | { readonly refused: string };

const BATCH = 200;
const CONCURRENT_CALLS = 2;
const CONCURRENT_REQUESTS = 16;
const INJECT = 'sidecar.istio.io/inject';
const REMEDIES = {
  'the cluster':
    'it may be of another version than the cluster, whose injector works: for an upper bound, name an istioctl of that version',
  'the manifests': 'correct it: istiod would refuse every pod',
};

/**
 * Injects the pods, many in one call; those that the injector refuses are found by halves.
 *
 * @param whose whose configuration it is, for errors
 * @returns by id
 * @throws RestartError `InvalidOption` for a configuration that injects nothing at all
 */
export async function injectOffline(
  istioctl: Istioctl,
  tasks: readonly OfflineTask[],
  whose: 'the cluster' | 'the manifests',
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, OfflineResult>> {
  const results = new Map<string, OfflineResult>();
  const inject = async (batch: readonly OfflineTask[], isWhole: boolean): Promise<void> => {
    const [first] = batch;
    if (!first) {
      return;
    }
    const { configuration } = first;
    const injected = await kubeInject(
      istioctl,
      configuration,
      batch.map(({ pod }) => pod),
      signal,
    );
    if ('documents' in injected) {
      batch.forEach(({ id }, index) => results.set(id, resultOf(injected.documents[index] ?? '')));
      return;
    }
    if (isWhole) {
      const plain = await kubeInject(istioctl, configuration, [plainPod(first.pod)], signal);
      const result = 'refused' in plain ? plain : resultOf(plain.documents[0] ?? '');
      if ('refused' in result) {
        throw new RestartError(
          'InvalidOption',
          `istioctl ${istioctl.version} cannot inject by the configuration of revision ${configuration.revision.name} in ${whose}: ${result.refused}`,
          { remedy: REMEDIES[whose] },
        );
      }
    }
    if (batch.length === 1) {
      results.set(first.id, { refused: injected.refused });
      return;
    }
    const middle = Math.ceil(batch.length / 2);
    await inject(batch.slice(0, middle), false);
    await inject(batch.slice(middle), false);
  };
  await eachOf(batchesOf(tasks), { limit: CONCURRENT_CALLS }, (batch) => inject(batch, true));
  return results;
}

/** What istioctl leaves as it is lacks the record that every injected pod has. */
function resultOf(text: string): OfflineResult {
  return text.includes(STATUS_ANNOTATION) ? { text } : { refused: 'istioctl adds nothing to it' };
}

function batchesOf(tasks: readonly OfflineTask[]): readonly (readonly OfflineTask[])[] {
  const groups = new Map<string, OfflineTask[]>();
  for (const task of tasks) {
    const { revision, cluster, network, nativeSidecars } = task.configuration;
    const key = JSON.stringify([revision.name, cluster, network, nativeSidecars]);
    groups.set(key, [...(groups.get(key) ?? []), task]);
  }
  return [...groups.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / BATCH) }, (_, index) =>
      group.slice(index * BATCH, (index + 1) * BATCH),
    ),
  );
}

/** A pod of the same namespace that asks for nothing. */
function plainPod({ apiVersion, kind, metadata }: UninjectedPod): object {
  return {
    apiVersion,
    kind,
    metadata: { name: 'probe', namespace: metadata.namespace },
    spec: { containers: [{ name: 'probe', image: 'probe' }] },
  };
}

/** What is known of one workload's injection. */
export interface OfflinePair {
  readonly id: string;
  readonly namespace: string;
  /** The injector's own answer of today. */
  readonly today: InjectorAnswer | undefined;
  /** By today's configuration; undefined for a pod that is not injected by it. */
  readonly before: OfflineResult | undefined;
  /** By the coming one; the pod itself where it is not injected by it. */
  readonly coming: OfflineResult | { readonly pod: UninjectedPod };
}

/**
 * What the injector will answer: what istioctl gives is completed by the API server, as a dry run with injection
 * switched off, so that it has the same defaults, the same notation and the same limits as pods have.
 */
export async function comingAnswers(
  api: KubernetesApi,
  pairs: readonly OfflinePair[],
): Promise<ReadonlyMap<string, InjectorAnswer>> {
  const answers = new Map<string, InjectorAnswer>();
  await eachOf(pairs, { limit: CONCURRENT_REQUESTS }, async (pair) => {
    const answer = await comingAnswer(api, pair);
    if (answer) {
      answers.set(pair.id, answer);
    }
  });
  return answers;
}

async function comingAnswer(api: KubernetesApi, pair: OfflinePair): Promise<InjectorAnswer | undefined> {
  const { namespace, today, before, coming } = pair;
  if ('refused' in coming) {
    return { denied: `the injector refuses it: ${coming.refused}` };
  }
  if (today && before && 'text' in before && 'text' in coming && before.text === coming.text) {
    return today;
  }
  const comingPod = 'text' in coming ? (parse(coming.text) as Pod) : coming.pod;
  const given = await askForPod(api, namespace, uninjected(comingPod));
  if (!today || 'denied' in today || !today.sidecar || !before) {
    return given;
  }
  if ('refused' in before) {
    // A difference cannot separate what only the cluster knows from what changes.
    return { denied: `istioctl cannot inject it as the injector does today: ${before.refused}` };
  }
  const beforePod = parse(before.text) as Pod;
  const known = await askForPod(api, namespace, uninjected(beforePod));
  if (!given || !known) {
    return undefined;
  }
  if ('denied' in known) {
    // Injection that is switched off is refused here: what istioctl gives is all there is.
    const [one, other] = [sidecarOf(beforePod), sidecarOf(comingPod)];
    return { sidecar: one && other ? mergedSidecar(today.sidecar, one, other) : other };
  }
  return 'denied' in given || !given.sidecar || !known.sidecar
    ? given
    : { ...given, sidecar: mergedSidecar(today.sidecar, known.sidecar, given.sidecar) };
}

function uninjected(pod: Pick<Pod, 'spec'> & { readonly metadata: { readonly labels?: object } }): object {
  return { ...pod, metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, [INJECT]: 'false' } } };
}
