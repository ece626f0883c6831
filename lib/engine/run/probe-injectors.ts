import type { KubernetesApi } from '../cluster/api';
import { unlessNotFound } from '../cluster/unless-not-found';
import type { ObjectMeta, StringMap } from '../cluster/objects';
import { askForPod } from '../injector/ask-for-pod';
import { disagreements, disagreementText, type Disagreement } from '../injector/injector-agreement';
import type { InjectorAlone } from '../injector/injector-alone';
import { neitherAsked } from '../injector/neither-asked';
import type { Sidecar } from '../injector/sidecar';
import type { Injector, Istiod, ProbePlace } from '../istio/control-planes';
import { selectsPod, type PodWebhook } from '../istio/injection-webhooks';
import { injectorConfiguration } from '../istio/injector-configuration';
import { lastChange } from '../istio/last-change';
import type { RestartErrorCode } from '../restart-error';

/** What is still missing; `code` is that of the error at the deadline. */
export interface Obstacle {
  readonly code: RestartErrorCode;
  readonly message: string;
  /**
   * The revision whose control plane is not ready.
   *
   * @default - unknown
   */
  readonly revision?: string;
  /** @default - the remedy for the code */
  readonly remedy?: string;
}

/** The result of probes. */
export interface Probed {
  readonly obstacle?: Obstacle;
  /** Notes for the plan that are not a reason to wait. */
  readonly notes: readonly string[];
}

/** The input of probes. */
export interface Probing {
  readonly injectors: readonly Injector[];
  readonly istiods: readonly Istiod[];
  readonly alone: InjectorAlone;
  /** Other webhooks, which may change the result of a dry run. */
  readonly others: readonly PodWebhook[];
}

/** Within this time, istiod has read a changed ConfigMap. The kubelet alone may take a minute and a half. */
const TAKEOVER_MILLISECONDS = 150_000;

/**
 * Asks each injector about a pod that only requests a sidecar, and compares the answer with its ConfigMaps. Asks the
 * injector alone if possible, otherwise with a dry run of all admission.
 */
export async function probeInjectors(api: KubernetesApi, probing: Probing): Promise<Probed> {
  const notes: string[] = [];
  for (const injector of probing.injectors) {
    const istiod = probing.istiods.find(({ revision }) => revision === injector.revision);
    const { obstacle, notes: found } = await probe(api, injector, istiod, probing);
    if (obstacle) {
      return { obstacle: { ...obstacle, revision: injector.revision }, notes: [] };
    }
    notes.push(...found);
  }
  return { notes };
}

const AGREED: Probed = { notes: [] };

async function probe(
  api: KubernetesApi,
  injector: Injector,
  istiod: Istiod | undefined,
  { alone, others }: Probing,
): Promise<Probed> {
  const [place] = injector.places;
  if (!place) {
    return AGREED;
  }
  const { revision } = injector;
  const answer = await alone.ask(injector.webhook, place.namespace, probePod(place.labels));
  if (!answer) {
    return probeByDryRun(api, injector, istiod, others).catch((error: unknown) => {
      throw neitherAsked(error, alone);
    });
  }
  if ('refused' in answer) {
    return refused(`the injector of revision ${revision} refuses a probe pod: ${answer.refused}`);
  }
  if (!answer.sidecar) {
    return withoutSidecar(revision, place);
  }
  return istiod
    ? compared(revision, istiod, await disagreementsOf(api, istiod, place, answer.sidecar), api.clock.now)
    : AGREED;
}

/** If a quota or another policy refuses the probe, tries the next namespace. */
async function probeByDryRun(
  api: KubernetesApi,
  { revision, places }: Injector,
  istiod: Istiod | undefined,
  others: readonly PodWebhook[],
): Promise<Probed> {
  const interfering = ({ namespace, namespaceLabels, labels }: ProbePlace) =>
    others.some((webhook) => selectsPod(webhook, { namespace, namespaceLabels, labels: { ...labels, ...ASKING } }));
  const isFree = new Map(places.map((place) => [place, !interfering(place)]));
  let first: Probed | undefined;
  for (const place of [...places].sort((a, b) => Number(isFree.get(b)) - Number(isFree.get(a)))) {
    const { namespace, labels } = place;
    const answer = await askForPod(api, namespace, probePod(labels));
    if (answer && 'denied' in answer) {
      const message = `a probe pod for the injector of revision ${revision} is refused in namespace ${namespace}: ${answer.denied}`;
      // Where other webhooks are called too, they may have caused the refusal, so it is only a note.
      first ??= isFree.get(place) ? refused(message) : { notes: [message] };
    } else if (answer && !answer.sidecar) {
      return withoutSidecar(revision, place);
    } else if (answer?.sidecar) {
      const found = istiod ? await disagreementsOf(api, istiod, place, answer.sidecar, answer.isCompleted) : [];
      const certain = isFree.get(place) ? found : found.filter(isIstiosOwn);
      return istiod ? compared(revision, istiod, certain, api.clock.now) : AGREED;
    }
  }
  return first ?? AGREED;
}

/** Whether only Istio sets the field. Other webhooks often rewrite the registry of images, and resources. */
function isIstiosOwn({ what, configured, injected }: Disagreement): boolean {
  return !what.startsWith('resources.') && !(what === 'image' && imageTag(configured) === imageTag(injected));
}

function imageTag(image: string): string {
  return image.slice(image.lastIndexOf('/') + 1);
}

function refused(message: string): Probed {
  return { obstacle: { code: 'InjectorOutOfDate', message }, notes: [] };
}

function withoutSidecar(revision: string, { namespace }: ProbePlace): Probed {
  const message = `a probe pod for revision ${revision} got no sidecar in namespace ${namespace}, although the webhook of the revision selects it`;
  return { obstacle: { code: 'InjectorUnreachable', message }, notes: [] };
}

function compared(revision: string, istiod: Istiod, found: readonly Disagreement[], now: number): Probed {
  const [first, ...others] = found;
  if (!first) {
    return AGREED;
  }
  const difference = `${disagreementText(first)}${others.length > 0 ? `, and ${String(others.length)} more` : ''}`;
  const changedAt = lastChange(istiod);
  return changedAt > 0 && now - changedAt > TAKEOVER_MILLISECONDS
    ? { notes: [`the injector of revision ${revision} does not match its ConfigMaps: ${difference}`] }
    : {
        obstacle: {
          code: 'InjectorOutOfDate',
          message: `the injector of revision ${revision} does not use its current configuration yet: ${difference}`,
        },
        notes: [],
      };
}

async function disagreementsOf(
  api: KubernetesApi,
  istiod: Istiod,
  { namespace }: ProbePlace,
  sidecar: Sidecar,
  isCompleted?: boolean,
): Promise<readonly Disagreement[]> {
  const overridden = await overriddenFields(api, istiod, namespace);
  return disagreements(injectorConfiguration(istiod), sidecar, overridden, isCompleted);
}

/** Requests a sidecar, for injectors that only inject on request. */
const ASKING = { 'sidecar.istio.io/inject': 'true' };

function probePod(labels: StringMap): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: 'istio-module-probe-', labels: { ...labels, ...ASKING } },
    spec: {
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'probe',
          image: 'istio-module/probe',
          resources: { requests: { cpu: '1m', memory: '1Mi' }, limits: { cpu: '1m', memory: '1Mi' } },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  };
}

interface ProxyConfigResource {
  readonly metadata: ObjectMeta;
  readonly spec?: {
    readonly selector?: object;
    readonly concurrency?: number;
    readonly environmentVariables?: object;
    readonly image?: object;
  };
}

/** The fields that ProxyConfig resources of the mesh or of the probe's namespace set instead of the ConfigMap. */
async function overriddenFields(api: KubernetesApi, istiod: Istiod, namespace: string): Promise<ReadonlySet<string>> {
  const places = [istiod.deployment.metadata.namespace, namespace];
  const list = await unlessNotFound(
    api.get<{ items: ProxyConfigResource[] }>('/apis/networking.istio.io/v1beta1/proxyconfigs'),
  );
  return new Set(
    (list?.items ?? [])
      .filter(({ metadata, spec }) => places.includes(metadata.namespace) && !spec?.selector)
      .flatMap(({ spec }) => [
        ...(spec?.concurrency === undefined ? [] : ['concurrency']),
        ...(spec?.environmentVariables ? ['proxyMetadata'] : []),
        ...(spec?.image ? ['image'] : []),
      ]),
  );
}
