import type { KubernetesApi } from '../cluster/api';
import type { Namespace, WebhookConfiguration } from '../cluster/objects';
import { shellCommand } from '../cluster/shell-command';
import type { InjectorAlone } from '../injector/injector-alone';
import {
  injectorsOf,
  readIstiods,
  readNamespaces,
  readWebhookConfigurations,
  type Injector,
  type Istiod,
  type KnownServices,
} from '../istio/control-planes';
import { injectionWebhooks, otherWebhooks, type InjectionWebhook } from '../istio/injection-webhooks';
import { lastChange } from '../istio/last-change';
import { deployment as deploymentOwner } from '../kinds/deployment';
import { RestartError, type RestartErrorCode } from '../restart-error';
import { probeInjectors, type Obstacle } from './probe-injectors';
import type { RunEvent } from './run-event';

/** How long, and how thoroughly, the engine makes sure that the injector knows the configuration it is asked about. */
export interface InjectorWait {
  /**
   * Seconds after which a control plane that is not ready, or an injector that is behind, is an error.
   *
   * @default 300
   */
  readonly deadlineSeconds?: number;
  /**
   * Seconds that must have passed since the injector's ConfigMaps last changed.
   *
   * @default 5
   */
  readonly settleSeconds?: number;
  /**
   * How many probes in a row must agree with the ConfigMaps.
   *
   * @default 3
   */
  readonly probes?: number;
}

const INTERVAL_MILLISECONDS = 500;

export type IsUsed = (webhook: InjectionWebhook) => boolean;

/** What is waited for, and how. */
export interface InjectorWaiting {
  readonly wait?: InjectorWait;
  readonly onEvent?: (event: RunEvent) => void;
  /**
   * Whether the pods in question are injected by the webhook; a control plane that nothing asks for is not waited for. As
   * long as this is not known, all are probed, and nothing that is found decides.
   *
   * @default - all are
   */
  readonly isUsed?: IsUsed | Promise<IsUsed>;
  /** Asks injectors without the rest of admission, where that is possible. */
  readonly alone: InjectorAlone;
}

/** What the wait came to. */
export interface InjectorReady {
  /** Whether anything had to be waited for, so that what was read before may be out of date. */
  readonly hasWaited: boolean;
  /** What speaks against the answers, and is no reason to stop; each one sentence for a person. */
  readonly notes: readonly string[];
  /** All MutatingWebhookConfigurations of the cluster. */
  readonly configurations: readonly WebhookConfiguration[];
}

/**
 * Returns once, of every control plane in use,
 *  1. the istiod Deployment has finished its own rollout,
 *  2. istiod has filled in its webhooks' certificate authority,
 *  3. the ConfigMaps of the injector have been unchanged for some seconds, by the API server's clock,
 *  4. several probes in a row agree with these ConfigMaps on image, resources and proxy configuration, or have disagreed for
 *     longer than istiod takes to read them.
 *
 * @throws RestartError `InjectorMissing` at once; `ControlPlaneNotReady`, `InjectorUnreachable`, `InjectorOutOfDate` at the deadline;
 * ApiFailure of the API server itself
 */
export async function awaitInjector(
  api: KubernetesApi,
  { wait = {}, onEvent = () => undefined, isUsed = () => true, alone }: InjectorWaiting,
): Promise<InjectorReady> {
  const { deadlineSeconds = 300, settleSeconds = 5, probes = 3 } = wait;
  let namespaces: readonly Namespace[] | undefined;
  // Probes in a row are sent to the same namespaces.
  const namespacesOf = async () => (namespaces ??= await readNamespaces(api));
  const services: KnownServices = new Map();
  const forget = () => {
    namespaces = undefined;
    services.clear();
  };
  const looking = { settleSeconds, alone, namespacesOf, services };
  const early = typeof isUsed === 'function' ? NOTHING_SEEN : await lookEarly(api, looking, probes, isUsed);
  const used = await isUsed;
  if (early.look && early.agreed >= probes && early.look.notes.length === 0) {
    return { hasWaited: false, notes: [], configurations: early.look.configurations };
  }
  if (early.obstacle) {
    forget();
  }
  const deadline = Date.now() + deadlineSeconds * 1000;
  let { agreed, obstacle: hindered } = early;
  let told = '';
  for (;;) {
    const { obstacle, ...look } = await lookOnce(api, { ...looking, isUsed: used });
    agreed = obstacle ? 0 : agreed + 1;
    hindered = obstacle ?? hindered;
    if (!obstacle && (agreed >= probes || !look.isProbed)) {
      const hasWaited =
        hindered !== undefined && (hindered.revision === undefined || look.revisions.has(hindered.revision));
      return { hasWaited, notes: look.notes, configurations: look.configurations };
    }
    if (obstacle) {
      forget();
    }
    if (obstacle && obstacle.message !== told) {
      told = obstacle.message;
      onEvent({ type: 'waiting', code: obstacle.code, message: obstacle.message });
    }
    if (Date.now() >= deadline) {
      const { code, message, remedy }: Obstacle = obstacle ?? {
        code: 'InjectorOutOfDate',
        message: `only ${String(agreed)} of ${String(probes)} probes in a row agreed with the injector's configuration`,
        remedy: BE_PATIENT,
      };
      throw new RestartError(code, `After ${String(deadlineSeconds)} s, ${message}`, {
        remedy: remedy ?? REMEDIES[code] ?? 'run again',
      });
    }
    await api.pause(INTERVAL_MILLISECONDS);
  }
}

const BE_PATIENT = 'run again, with a later deadline if this lasts';
const REMEDIES: Partial<Record<RestartErrorCode, string>> = {
  InjectorUnreachable: 'check that istiod runs and that the API server can reach it, and run again',
  InjectorOutOfDate:
    "see istiod's log for the configuration that it refused (an unquoted number where it wants text, a field that its version does not know), correct it and run again",
};

interface Looking {
  readonly alone: InjectorAlone;
  readonly settleSeconds: number;
  readonly namespacesOf: () => Promise<readonly Namespace[]>;
  readonly services: KnownServices;
}

interface Look {
  readonly obstacle?: Obstacle;
  readonly notes: readonly string[];
  readonly configurations: readonly WebhookConfiguration[];
  /** Those in use. */
  readonly revisions: ReadonlySet<string>;
  /** False where no control plane is in use. */
  readonly isProbed: boolean;
}

/** What was seen before it was known which control planes are in use. */
interface EarlyLooks {
  /** How many looks in a row found all control planes ready. */
  readonly agreed: number;
  /** The last of these. */
  readonly look?: Look;
  readonly obstacle?: Obstacle;
}

const NOTHING_SEEN: EarlyLooks = { agreed: 0 };

/** Looks at all control planes, until it is known which are in use or one is not ready: that may be one that nothing asks for. */
async function lookEarly(
  api: KubernetesApi,
  looking: Looking,
  probes: number,
  isUsed: Promise<IsUsed>,
): Promise<EarlyLooks> {
  let isKnown = false;
  const known = isUsed.then(
    () => (isKnown = true),
    () => (isKnown = true),
  );
  let seen = NOTHING_SEEN;
  while (!isKnown && seen.agreed < probes) {
    let look: Look;
    try {
      look = await lookOnce(api, { ...looking, isUsed: () => true });
    } catch {
      // If it concerns a control plane that is in use, it is found again.
      return NOTHING_SEEN;
    }
    if (look.obstacle) {
      return { agreed: 0, obstacle: look.obstacle };
    }
    seen = { agreed: seen.agreed + 1, look };
    await Promise.race([known, api.pause(INTERVAL_MILLISECONDS)]);
  }
  return seen;
}

async function lookOnce(api: KubernetesApi, looking: Looking & { readonly isUsed: IsUsed }): Promise<Look> {
  try {
    return await look(api, looking);
  } catch (error) {
    if (error instanceof RestartError && error.code === 'InjectorUnreachable') {
      const obstacle = { code: error.code, message: error.problem };
      return { obstacle, notes: [], configurations: [], revisions: new Set(), isProbed: true };
    }
    throw error;
  }
}

async function look(
  api: KubernetesApi,
  { settleSeconds, isUsed, alone, namespacesOf, services }: Looking & { readonly isUsed: IsUsed },
): Promise<Look> {
  const configurations = await readWebhookConfigurations(api);
  const webhooks = injectionWebhooks(configurations);
  if (webhooks.length === 0) {
    throw new RestartError(
      'InjectorMissing',
      'The cluster has no injection webhook of Istio (no MutatingWebhookConfiguration with a webhook named *.sidecar-injector.istio.io), so every restart would remove a sidecar. Install Istio again, or uninstall it with this package.',
    );
  }
  const revisions = new Set(webhooks.filter(isUsed).map(({ revision }) => revision));
  if (revisions.size === 0) {
    return { notes: [], configurations, revisions, isProbed: false };
  }
  const [namespaces, allIstiods] = await Promise.all([namespacesOf(), readIstiods(api, webhooks, services)]);
  const injectors = injectorsOf(webhooks, namespaces).filter(({ revision }) => revisions.has(revision));
  const istiods = allIstiods.filter(({ revision }) => revisions.has(revision));
  const obstacle =
    firstOf(istiods, rolloutObstacle) ??
    firstOf(injectors, certificateObstacle) ??
    firstOf(istiods, (istiod) => settlingObstacle(istiod, api.clock.now, settleSeconds));
  if (obstacle) {
    return { obstacle, notes: [], configurations, revisions, isProbed: true };
  }
  const probed = await probeInjectors(api, { injectors, istiods, alone, others: otherWebhooks(configurations) });
  return { ...probed, configurations, revisions, isProbed: true };
}

function firstOf<T>(items: readonly T[], find: (item: T) => Obstacle | undefined): Obstacle | undefined {
  for (const item of items) {
    const obstacle = find(item);
    if (obstacle) {
      return obstacle;
    }
  }
  return undefined;
}

function rolloutObstacle({ revision, deployment }: Istiod): Obstacle | undefined {
  const status = deploymentOwner.status(deployment);
  const { namespace = '', name } = deployment.metadata;
  return status.state === 'complete'
    ? undefined
    : {
        code: 'ControlPlaneNotReady',
        revision,
        message: `Deployment ${namespace}/${name} has not finished its rollout (${status.message})`,
        remedy: `see why with ${shellCommand('kubectl', '-n', namespace, 'describe', `deployment/${name}`)}, and run again when it is available`,
      };
}

function certificateObstacle({ revision, hasCaBundle, places, webhookConfiguration }: Injector): Obstacle | undefined {
  // One that selects no namespace, as a revision that was put out of use, is never called.
  return hasCaBundle || places.length === 0
    ? undefined
    : {
        code: 'InjectorUnreachable',
        revision,
        message: `istiod has not filled in the caBundle of MutatingWebhookConfiguration ${webhookConfiguration}`,
      };
}

function settlingObstacle(istiod: Istiod, now: number, settleSeconds: number): Obstacle | undefined {
  const { namespace = '' } = istiod.deployment.metadata;
  return now - lastChange(istiod) < settleSeconds * 1000
    ? {
        code: 'InjectorOutOfDate',
        revision: istiod.revision,
        message: `the injector's ConfigMaps in namespace ${namespace} changed less than ${String(settleSeconds)} s ago`,
        remedy: BE_PATIENT,
      }
    : undefined;
}
