import { ask, forbidden } from './ask-injector';
import { readInjectors, readIstiods, type Injector, type Istiod } from './control-planes';
import { disagreements } from './injector-agreement';
import { injectorConfiguration } from './injector-configuration';
import type { KubernetesApi } from './kubernetes/api';
import { ApiFailure } from './kubernetes/api-failure';
import type { ObjectMeta } from './kubernetes/objects';
import { deployment as deploymentOwner } from './owners/deployment';
import { RestartError, type RestartErrorCode } from './restart-error';

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

/** What is still missing; `code` is the error it becomes at the deadline. */
interface Obstacle {
  readonly code: RestartErrorCode;
  readonly message: string;
}

const INTERVAL_MILLISECONDS = 500;

/**
 * Returns once
 *  1. every istiod Deployment has finished its own rollout,
 *  2. istiod has filled in its webhooks' certificate authority,
 *  3. the ConfigMaps of the injector have been unchanged for some seconds, by the API server's clock,
 *  4. several probes in a row, pods created as a dry run, agree with these ConfigMaps on image, resources and proxy configuration.
 *
 * @throws RestartError `InjectorMissing` at once; `ControlPlaneNotReady`, `InjectorUnreachable`, `InjectorOutOfDate` at the deadline
 */
export async function awaitInjector(
  api: KubernetesApi,
  wait: InjectorWait = {},
  onWaiting: (message: string) => void = () => undefined,
): Promise<void> {
  const { deadlineSeconds = 300, settleSeconds = 5, probes = 3 } = wait;
  const deadline = Date.now() + deadlineSeconds * 1000;
  let agreed = 0;
  let told = '';
  for (;;) {
    const obstacle = await findObstacle(api, settleSeconds);
    agreed = obstacle ? 0 : agreed + 1;
    if (agreed >= probes) {
      return;
    }
    if (obstacle && obstacle.message !== told) {
      told = obstacle.message;
      onWaiting(obstacle.message);
    }
    if (Date.now() >= deadline) {
      const { code, message } = obstacle ?? {
        code: 'InjectorOutOfDate',
        message: `only ${String(agreed)} of ${String(probes)} probes in a row agreed with the injector's configuration`,
      };
      throw new RestartError(
        code,
        `Nothing was restarted, since after ${String(deadlineSeconds)} s ${message}; ${REMEDIES[code] ?? 'run again'}.`,
      );
    }
    await api.pause(INTERVAL_MILLISECONDS);
  }
}

const REMEDIES: Partial<Record<RestartErrorCode, string>> = {
  ControlPlaneNotReady: 'see why with kubectl describe, and run again when istiod is available',
  InjectorUnreachable: 'check that istiod runs and that the API server can reach it, and run again',
  InjectorOutOfDate:
    "see istiod's log for the configuration that it refused (an unquoted number where it wants text, for instance), correct it and run again",
};

async function findObstacle(api: KubernetesApi, settleSeconds: number): Promise<Obstacle | undefined> {
  try {
    const injectors = await readInjectors(api);
    if (injectors.length === 0) {
      throw new RestartError(
        'InjectorMissing',
        'Nothing was restarted: the cluster has no injection webhook of Istio (no MutatingWebhookConfiguration with a webhook named *.sidecar-injector.istio.io), so every restart would remove a sidecar. Install Istio again, or uninstall it with this package.',
      );
    }
    const istiods = await readIstiods(api);
    return (
      firstOf(istiods, rolloutObstacle) ??
      firstOf(injectors, certificateObstacle) ??
      firstOf(istiods, (istiod) => settlingObstacle(istiod, api.serverTime, settleSeconds)) ??
      (await probeObstacle(api, injectors, istiods))
    );
  } catch (error) {
    if (error instanceof RestartError && error.code === 'InjectorUnreachable') {
      return {
        code: error.code,
        message: error.message.replace(/; check that istiod runs.*$/s, '').replace(/^T/, 't'),
      };
    }
    throw error instanceof ApiFailure && error.deniedByRbac ? forbidden(error) : error;
  }
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

function rolloutObstacle({ deployment }: Istiod): Obstacle | undefined {
  const status = deploymentOwner.status(deployment);
  const { namespace = '', name } = deployment.metadata;
  return status.state === 'complete'
    ? undefined
    : {
        code: 'ControlPlaneNotReady',
        message: `Deployment ${namespace}/${name} has not finished its rollout (${status.message})`,
      };
}

function certificateObstacle({ hasCaBundle, webhookConfiguration }: Injector): Obstacle | undefined {
  return hasCaBundle
    ? undefined
    : {
        code: 'InjectorUnreachable',
        message: `istiod has not filled in the caBundle of MutatingWebhookConfiguration ${webhookConfiguration}`,
      };
}

function settlingObstacle(istiod: Istiod, now: number, settleSeconds: number): Obstacle | undefined {
  const changes = [istiod.injectorConfigMap, istiod.meshConfigMap].flatMap((configMap) =>
    configMap ? [lastChange(configMap.metadata)] : [],
  );
  const { namespace = '' } = istiod.deployment.metadata;
  return now - Math.max(0, ...changes) < settleSeconds * 1000
    ? {
        code: 'InjectorOutOfDate',
        message: `the injector's ConfigMaps in namespace ${namespace} changed less than ${String(settleSeconds)} s ago`,
      }
    : undefined;
}

function lastChange(metadata: ObjectMeta): number {
  const times = [metadata.creationTimestamp, ...(metadata.managedFields ?? []).map(({ time }) => time)];
  return Math.max(...times.map((time) => Date.parse(time ?? '') || 0));
}

async function probeObstacle(
  api: KubernetesApi,
  injectors: readonly Injector[],
  istiods: readonly Istiod[],
): Promise<Obstacle | undefined> {
  for (const { revision, probe } of injectors) {
    const istiod = istiods.find((one) => one.revision === revision);
    const answer = probe && (await ask(api, probe.namespace, probePod(probe.labels)));
    if (!probe || !answer) {
      continue;
    }
    if ('denied' in answer) {
      return {
        code: 'InjectorOutOfDate',
        message: `a pod to probe the injector of revision ${revision} with is refused in namespace ${probe.namespace}: ${answer.denied}`,
      };
    }
    if (!answer.sidecar) {
      return {
        code: 'InjectorUnreachable',
        message: `a pod created in namespace ${probe.namespace} to probe revision ${revision} got no sidecar, though its webhook selects it`,
      };
    }
    const found =
      istiod &&
      disagreements(configurationOf(istiod), answer.sidecar, await overriddenFields(api, istiod, probe.namespace));
    if (found?.[0]) {
      const { what, configured, injected } = found[0];
      const more = found.length > 1 ? `, and ${String(found.length - 1)} more` : '';
      return {
        code: 'InjectorOutOfDate',
        message: `the injector of revision ${revision} has not taken over its configuration: ${what} is ${configured} in the ConfigMaps and ${injected} in an injected pod${more}`,
      };
    }
  }
  return undefined;
}

function configurationOf(istiod: Istiod) {
  return injectorConfiguration(istiod.injectorConfigMap, istiod.meshConfigMap);
}

function probePod(labels: Readonly<Record<string, string>>): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: 'istio-module-probe-', labels },
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

/** The fields that ProxyConfig resources of the mesh or of the probe's namespace decide instead of the ConfigMap. */
async function overriddenFields(api: KubernetesApi, istiod: Istiod, namespace: string): Promise<ReadonlySet<string>> {
  const places = [istiod.deployment.metadata.namespace, namespace];
  const list = await api.find<{ items: ProxyConfigResource[] }>('/apis/networking.istio.io/v1beta1/proxyconfigs');
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
