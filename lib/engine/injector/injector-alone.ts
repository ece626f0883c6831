import { randomUUID } from 'node:crypto';
import { servicePath } from '../cluster/api-path';
import type { KubernetesApi } from '../cluster/api';
import { ApiFailure } from '../cluster/api-failure';
import { isObject } from '../cluster/is-object';
import { withPatch, type PatchOperation } from '../cluster/json-patch';
import type { Pod } from '../cluster/objects';
import type { InjectionWebhook, InjectorService } from '../istio/injection-webhooks';
import { RestartError } from '../restart-error';
import { hasRecord, injectedNames, sidecarOf, type InjectedPod, type Share, type Sidecar } from './sidecar';

/** What the injector alone adds to a pod, without other webhooks; or why it refuses the pod. */
export type AnswerAlone = GivenAlone | { readonly refused: string };

export interface GivenAlone {
  readonly sidecar: Sidecar | undefined;
  /**
   * The names of the containers that the injector adds or merges fields into, from its record and Istio's fixed names.
   */
  readonly recorded: ReadonlySet<string>;
}

/** How to read a pod. */
export interface ReadPod {
  readonly share?: Share;
  /** Further containers that count as the injector's. */
  readonly containers?: ReadonlySet<string>;
  /** Whether only the injector's record shows that a pod has a sidecar, because its template contains a part of one. */
  readonly needsRecord?: boolean;
  /** Whether the answer to a dry run contains the pod's labels. */
  readonly withLabels?: boolean;
}

/** The pod after the injector alone has changed it; or why the injector refuses the pod. */
export type InjectedAlone = { readonly pod: Pod } | { readonly refused: string };

/** Why the API server cannot relay a request. */
interface Failure {
  readonly why: string;
  /** Whether the problem may be temporary, unlike a missing permission. */
  readonly isPassing: boolean;
  /** Whether the answer is definite, so that further requests would fail in the same way. */
  readonly isFinal: boolean;
}

/** The requests to an injector so far. */
interface History {
  /** The last failure. */
  readonly failure?: Failure;
  /** The number of failures since the last answer. */
  readonly failures: number;
  readonly hasAnswered: boolean;
}

const NOT_ASKED: History = { failures: 0, hasAnswered: false };
/**
 * After this number of consecutive failures, an injector that has answered before is not asked again. It is larger than
 * the number of concurrent requests, so that one short interruption does not decide about all other workloads.
 */
const MOST_FAILURES = 20;
/** The same for an injector that has not answered yet. Each failure may take as long as the time limit of a request. */
const MOST_UNANSWERED = 3;

/**
 * Asks injectors without the rest of admission: the API server relays an AdmissionReview to the Service of the webhook,
 * if the credentials may `create` its `services/proxy`. Stops asking an injector after the API server has definitely
 * refused to relay, after many consecutive failures, or after few if the injector has not answered yet.
 *
 * The answer lacks defaults of the API server, and contains exactly what the injector adds.
 */
export class InjectorAlone {
  private readonly histories = new Map<string, History>();

  constructor(private readonly api: KubernetesApi) {}

  /** Why injectors could not be asked, without duplicates. */
  get problems(): readonly string[] {
    const problems = [...this.histories.values()].flatMap(({ failure, hasAnswered }) =>
      failure ? [hasAnswered ? `${failure.why} (other requests to it succeeded)` : failure.why] : [],
    );
    return [...new Set(problems)];
  }

  /** Whether only temporary problems keep injectors from being asked. */
  get isPassing(): boolean {
    return [...this.histories.values()].every(({ failure }) => failure?.isPassing !== false);
  }

  /** Forgets temporary problems. */
  retry(): void {
    for (const [key, { failure, hasAnswered }] of this.histories) {
      if (failure?.isPassing) {
        this.histories.set(key, { failures: 0, hasAnswered });
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
    if (isGivenUp(this.histories.get(key))) {
      return undefined;
    }
    const answer = service
      ? await this.relay(service, namespace, pod)
      : {
          why: `MutatingWebhookConfiguration ${configuration} calls its injector by URL, to which the API server relays no requests`,
          isPassing: false,
          isFinal: true,
        };
    const history = this.histories.get(key) ?? NOT_ASKED;
    if ('why' in answer) {
      this.histories.set(key, { ...history, failure: answer, failures: history.failures + 1 });
      return undefined;
    }
    this.histories.set(key, { ...history, failures: 0, hasAnswered: true });
    return answer;
  }

  private async relay(service: InjectorService, namespace: string, pod: object): Promise<InjectedAlone | Failure> {
    const name = `Service ${service.namespace}/${service.name}`;
    const passing = (why: string): Failure => ({ why, isPassing: true, isFinal: false });
    try {
      const body = reviewOf(namespace, pod);
      const answer = await this.api.request(servicePath(service), { method: 'POST', body, failsLate: true });
      return patched(pod as Pod, answer) ?? passing(`${name} does not answer with an AdmissionReview`);
    } catch (error) {
      if (error instanceof ApiFailure) {
        return {
          why: error.deniedByRbac
            ? `the credentials may not create services/proxy https:${service.name}:${String(service.port)} in namespace ${service.namespace}`
            : `the API server cannot relay to ${name}: ${error.message}`,
          isPassing: !error.deniedByRbac,
          isFinal: error.status < 500 && error.status !== 429,
        };
      }
      if (error instanceof RestartError && error.code === 'UnexpectedAnswer') {
        return passing(`the API server cannot relay to ${name}: ${error.problem}`);
      }
      throw error;
    }
  }
}

function isGivenUp({ failure, failures, hasAnswered }: History = NOT_ASKED): boolean {
  const most = hasAnswered ? MOST_FAILURES : MOST_UNANSWERED;
  return failure !== undefined && (failure.isFinal || failures >= most);
}

/** The sidecar of a pod after admission; undefined if it has none. */
export function admittedSidecar(
  pod: InjectedPod,
  { share, containers, needsRecord = false }: ReadPod,
): Sidecar | undefined {
  return needsRecord && !hasRecord(pod.metadata.annotations) ? undefined : sidecarOf(pod, share, containers);
}

/** What the injector added to the pod. */
export function givenTo(pod: InjectedPod, read: ReadPod): GivenAlone {
  return {
    sidecar: admittedSidecar(pod, read),
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
