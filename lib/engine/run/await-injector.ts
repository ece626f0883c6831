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

/** How the engine verifies that the injector uses its current configuration. */
export interface InjectorWait {
  /**
   * Seconds to wait until the control plane is ready and the injector uses its current configuration.
   *
   * @default 300
   */
  readonly deadlineSeconds?: number;
  /**
   * Seconds for which the injector's ConfigMaps must be unchanged.
   *
   * @default 5
   */
  readonly settleSeconds?: number;
  /**
   * The number of consecutive probes that must match the ConfigMaps.
   *
   * @default 3
   */
  readonly probes?: number;
}

const INTERVAL_MILLISECONDS = 500;

export type IsUsed = (webhook: InjectionWebhook) => boolean;

/** What to wait for, and how. */
export interface InjectorWaiting {
  readonly wait?: InjectorWait;
  readonly onEvent?: (event: RunEvent) => void;
  /**
   * Whether the webhook injects any of the pods in question. The engine does not wait for control planes that are not
   * in use. Until it is known which are, it probes all of them, but waits for none.
   *
   * @default - all webhooks are in use
   */
  readonly isUsed?: IsUsed | Promise<IsUsed>;
  /** Asks injectors without the rest of admission, if possible. */
  readonly alone: InjectorAlone;
}

/** The result of the wait. */
export interface InjectorReady {
  /** Whether the wait took time, so that earlier reads may be out of date. */
  readonly hasWaited: boolean;
  /** Doubts about the answers that do not stop the run, one sentence each. */
  readonly notes: readonly string[];
  /** All MutatingWebhookConfigurations of the cluster. */
  readonly configurations: readonly WebhookConfiguration[];
}

/**
 * Returns when, for every control plane in use,
 *  1. the istiod Deployment has finished its rollout,
 *  2. istiod has set the CA bundle of its webhooks,
 *  3. the ConfigMaps of the injector have been unchanged for some seconds, by the API server's clock,
 *  4. several consecutive probes match the image, resources and proxy configuration in these ConfigMaps, or the
 *     mismatch has lasted longer than istiod takes to read them.
 *
 * Temporary failures of requests to injectors during the wait are forgotten, so that they do not affect the answers
 * about workloads.
 *
 * @throws RestartError `InjectorMissing` at once; `ControlPlaneNotReady`, `InjectorUnreachable`, `InjectorOutOfDate` at
 * the deadline; ApiFailure of the API server itself
 */
export async function awaitInjector(api: KubernetesApi, waiting: InjectorWaiting): Promise<InjectorReady> {
  const ready = await readyInjector(api, waiting);
  waiting.alone.retry();
  return ready;
}

async function readyInjector(
  api: KubernetesApi,
  { wait = {}, onEvent = () => undefined, isUsed = () => true, alone }: InjectorWaiting,
): Promise<InjectorReady> {
  const { deadlineSeconds = 300, settleSeconds = 5, probes = 3 } = wait;
  let namespaces: readonly Namespace[] | undefined;
  // Consecutive probes use the same namespaces.
  const namespacesOf = async () => (namespaces ??= await readNamespaces(api));
  const services: KnownServices = new Map();
  const forget = () => {
    namespaces = undefined;
    services.clear();
    alone.retry();
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
        message: `only ${String(agreed)} of ${String(probes)} consecutive probes matched the injector's configuration`,
        remedy: BE_PATIENT,
      };
      throw new RestartError(code, `After ${String(deadlineSeconds)} s, ${message}`, {
        remedy: remedy ?? REMEDIES[code] ?? 'run again',
      });
    }
    await api.pause(INTERVAL_MILLISECONDS);
  }
}

const BE_PATIENT = 'run again, with a longer deadline if the problem persists';
const REMEDIES: Partial<Record<RestartErrorCode, string>> = {
  InjectorUnreachable: 'check that istiod runs and that the API server can reach it, and run again',
  InjectorOutOfDate:
    "see istiod's log for the configuration that it rejected (for example, an unquoted number instead of text, or an unknown field), fix it and run again",
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
  /** Revisions in use. */
  readonly revisions: ReadonlySet<string>;
  /** False if no control plane is in use. */
  readonly isProbed: boolean;
}

/** The observations before it is known which control planes are in use. */
interface EarlyLooks {
  /** The number of consecutive looks that found all control planes ready. */
  readonly agreed: number;
  /** The last of these looks. */
  readonly look?: Look;
  readonly obstacle?: Obstacle;
}

const NOTHING_SEEN: EarlyLooks = { agreed: 0 };

/**
 * Looks at all control planes until it is known which are in use. Stops earlier after `probes` looks that find all of
 * them ready, or after the first look that does not. A control plane that is not ready may be unused, so there is no
 * point in waiting for it yet.
 */
async function lookEarly(
  api: KubernetesApi,
  looking: Looking,
  probes: number,
  isUsed: Promise<IsUsed>,
): Promise<EarlyLooks> {
  let isKnown = false as boolean;
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
      // If the error concerns a control plane in use, the next look finds it again.
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
      'The cluster has no injection webhook of Istio (no MutatingWebhookConfiguration with a webhook named *.sidecar-injector.istio.io), so every restart would remove a sidecar. Install Istio, or, after an uninstall, run istio-module remove.',
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

function certificateObstacle({
  revision,
  canBeVerified,
  places,
  webhookConfiguration,
}: Injector): Obstacle | undefined {
  // A webhook that selects no namespace, such as that of a retired revision, is never called.
  return canBeVerified || places.length === 0
    ? undefined
    : {
        code: 'InjectorUnreachable',
        revision,
        message: `istiod has not set the caBundle of MutatingWebhookConfiguration ${webhookConfiguration}`,
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
