import { randomUUID } from 'node:crypto';
import { servicePath } from '../cluster/api-path';
import type { KubernetesApi } from '../cluster/api';
import { ApiFailure } from '../cluster/api-failure';
import { isObject } from '../cluster/is-object';
import { withPatch, type PatchOperation } from '../cluster/json-patch';
import type { Pod } from '../cluster/objects';
import type { InjectionWebhook, InjectorService } from '../istio/injection-webhooks';
import { RestartError } from '../restart-error';
import { injectedNames, sidecarOf, type Share, type Sidecar } from './sidecar';

/** What the injector alone adds to a pod, without other webhooks; or why it refuses the pod. */
export type AnswerAlone = GivenAlone | { readonly refused: string };

export interface GivenAlone {
  readonly sidecar: Sidecar | undefined;
  /** The containers in its record: those that it adds, and those that it merges fields into. */
  readonly recorded: ReadonlySet<string>;
}

/** How to read a pod. */
export interface ReadPod {
  readonly share?: Share;
  /** Further containers that count as the injector's. */
  readonly containers?: ReadonlySet<string>;
}

/** The pod after the injector alone has changed it; or why the injector refuses the pod. */
export type InjectedAlone = { readonly pod: Pod } | { readonly refused: string };

/** Why the API server cannot relay a request. */
interface Unavailable {
  readonly why: string;
  /** Whether the problem may be temporary, unlike a missing permission. */
  readonly isPassing: boolean;
}

/**
 * Asks injectors without the rest of admission: the API server relays an AdmissionReview to the Service of the webhook,
 * if the credentials may `create` its `services/proxy`. Does not retry an injector that could not be asked.
 *
 * The answer lacks defaults of the API server, and contains exactly what the injector adds.
 */
export class InjectorAlone {
  private readonly unavailable = new Map<string, Unavailable>();

  constructor(private readonly api: KubernetesApi) {}

  /** Why injectors could not be asked, without duplicates. */
  get problems(): readonly string[] {
    return [...new Set([...this.unavailable.values()].map(({ why }) => why))];
  }

  /** Whether only temporary problems keep injectors from being asked. */
  get isPassing(): boolean {
    return [...this.unavailable.values()].every(({ isPassing }) => isPassing);
  }

  /** Allows another attempt after temporary problems. */
  retry(): void {
    for (const [key, { isPassing }] of this.unavailable) {
      if (isPassing) {
        this.unavailable.delete(key);
      }
    }
  }

  /** @returns undefined if the injector cannot be asked */
  async ask(
    webhook: InjectionWebhook,
    namespace: string,
    pod: object,
    read: ReadPod = {},
  ): Promise<AnswerAlone | undefined> {
    const answer = await this.inject(webhook, namespace, pod);
    return answer && 'pod' in answer ? givenTo(answer.pod, read) : answer;
  }

  /** @returns undefined if the injector cannot be asked */
  async inject(
    { service, configuration }: InjectionWebhook,
    namespace: string,
    pod: object,
  ): Promise<InjectedAlone | undefined> {
    const key = service ? servicePath(service) : configuration;
    if (this.unavailable.has(key)) {
      return undefined;
    }
    const answer = service
      ? await this.relay(service, namespace, pod)
      : {
          why: `MutatingWebhookConfiguration ${configuration} calls its injector by URL, to which the API server relays no requests`,
          isPassing: false,
        };
    if ('why' in answer) {
      this.unavailable.set(key, answer);
      return undefined;
    }
    return answer;
  }

  private async relay(service: InjectorService, namespace: string, pod: object): Promise<InjectedAlone | Unavailable> {
    const name = `Service ${service.namespace}/${service.name}`;
    try {
      const body = reviewOf(namespace, pod);
      const answer = await this.api.request(servicePath(service), { method: 'POST', body, attempts: 2 });
      return patched(pod as Pod, answer) ?? { why: `${name} does not answer with an AdmissionReview`, isPassing: true };
    } catch (error) {
      if (error instanceof ApiFailure) {
        return {
          why: error.deniedByRbac
            ? `the credentials may not create services/proxy https:${service.name}:${String(service.port)} in namespace ${service.namespace}`
            : `the API server cannot relay to ${name}: ${error.message}`,
          isPassing: !error.deniedByRbac,
        };
      }
      if (error instanceof RestartError && error.code === 'UnexpectedAnswer') {
        return { why: `the API server cannot relay to ${name}: ${error.problem}`, isPassing: true };
      }
      throw error;
    }
  }
}

/** What the injector added to the pod. */
export function givenTo(pod: Pick<Pod, 'metadata' | 'spec'>, read: ReadPod): GivenAlone {
  return {
    sidecar: sidecarOf(pod, read.share, read.containers),
    recorded: injectedNames(pod.metadata.annotations).containers,
  };
}

function reviewOf(namespace: string, object: object): object {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: randomUUID(),
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      namespace,
      operation: 'CREATE',
      userInfo: {},
      dryRun: true,
      object,
    },
  };
}

/** Undefined for an answer that is not that of an injector. */
function patched(pod: Pod, review: unknown): InjectedAlone | undefined {
  const response = isObject(review) && isObject(review.response) ? review.response : undefined;
  if (typeof response?.allowed !== 'boolean') {
    return undefined;
  }
  if (!response.allowed) {
    const { status } = response;
    return { refused: isObject(status) && typeof status.message === 'string' ? status.message : 'without a reason' };
  }
  if (typeof response.patch !== 'string') {
    return { pod };
  }
  try {
    const operations = JSON.parse(Buffer.from(response.patch, 'base64').toString()) as readonly PatchOperation[];
    return { pod: withPatch(pod, operations) };
  } catch {
    return undefined;
  }
}
