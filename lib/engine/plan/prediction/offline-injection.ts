import { parse } from '../../../bundled-libraries/yaml';
import { askForPod, type InjectorAnswer } from '../../injector/ask-for-pod';
import { eachOf } from '../../cluster/each-of';
import type { KubernetesApi } from '../../cluster/api';
import type { Pod } from '../../cluster/objects';
import { RestartError } from '../../restart-error';
import { sidecarOf, STATUS_ANNOTATION } from '../../injector/sidecar';
import { kubeInject, type Istioctl, type OfflineConfiguration } from './istioctl';
import { mergedSidecar } from './merged-sidecar';
import type { UninjectedPod } from './offline-pod';

/** One pod to inject without a cluster. */
export interface OfflineTask {
  /** The id of the workload. */
  readonly id: string;
  readonly pod: UninjectedPod;
  readonly configuration: OfflineConfiguration;
}

/** A pod as YAML, or why istioctl does not inject it. */
export type OfflineResult = { readonly text: string } | { readonly refused: string };

const BATCH = 200;
const CONCURRENT_CALLS = 2;
const CONCURRENT_REQUESTS = 16;
const INJECT = 'sidecar.istio.io/inject';
const REMEDIES = {
  'the cluster':
    "this istioctl may have another version than the cluster: pass an istioctl of the cluster's version (if the manifests have another version, the prediction is then only an upper bound)",
  'the manifests': 'fix it: istiod would refuse every pod',
};

/**
 * Injects pods in batches. Splits a batch into halves to find pods that istioctl cannot inject.
 *
 * @param whose the origin of the configuration, for errors
 * @returns the results by id
 * @throws RestartError `InvalidOption` for a configuration that cannot inject any pod
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
          `istioctl ${istioctl.version} cannot inject with the configuration of revision ${configuration.revision.name} in ${whose}: ${result.refused}`,
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

/** A pod without the record of injection was not injected. */
function resultOf(text: string): OfflineResult {
  return text.includes(STATUS_ANNOTATION) ? { text } : { refused: 'istioctl adds no sidecar' };
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

/** A pod of the same namespace without further settings. */
function plainPod({ apiVersion, kind, metadata }: UninjectedPod): object {
  return {
    apiVersion,
    kind,
    metadata: { name: 'probe', namespace: metadata.namespace },
    spec: { containers: [{ name: 'probe', image: 'probe' }] },
  };
}

/** The results of injection for one workload. */
export interface OfflinePair {
  readonly id: string;
  readonly namespace: string;
  /** The injector's current answer. */
  readonly today: InjectorAnswer | undefined;
  /** The result with the current configuration; undefined if it does not inject the pod. */
  readonly before: OfflineResult | undefined;
  /** The result with the new configuration; the pod itself if it is not injected. */
  readonly coming: OfflineResult | { readonly pod: UninjectedPod };
}

/**
 * The future answers of the injector. The API server completes the results of istioctl in a dry run with injection
 * disabled, so that they have the same defaults, notation and limits as pods.
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
    return { denied: coming.refused, by: 'istioctl' };
  }
  if (today && before && 'text' in before && 'text' in coming && before.text === coming.text) {
    return today;
  }
  const comingPod = 'text' in coming ? (parse(coming.text) as Pod) : coming.pod;
  // The template may contain a part of a sidecar. Without the injector's record, it does not count as a sidecar.
  const given = await askForPod(api, namespace, uninjected(comingPod), { needsRecord: true });
  if (!today || 'denied' in today || !today.sidecar || !before) {
    return given;
  }
  if ('refused' in before) {
    // Without this result, changes cannot be separated from what only the cluster knows.
    return { denied: `${before.refused} (with the current configuration)`, by: 'istioctl' };
  }
  const beforePod = parse(before.text) as Pod;
  const known = await askForPod(api, namespace, uninjected(beforePod));
  if (!given || !known) {
    return undefined;
  }
  if ('denied' in known) {
    // The API server refuses a dry run of the pod with disabled injection, so the results of istioctl are used alone,
    // without what admission adds.
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
