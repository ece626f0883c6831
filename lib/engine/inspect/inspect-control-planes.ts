import { shellCommand } from '../cluster/shell-command';
import type { Istiod } from '../istio/control-planes';
import { deployment as deploymentOwner } from '../kinds/deployment';
import { RestartError } from '../restart-error';
import { checkUpgrade, type UpgradeOptions } from '../istio/upgrade-policy';
import type { Observation } from './finding';
import { compareVersions, imageVersion } from './image-version';
import { tagsOf } from './injection';
import type { ControlPlaneInspection, UpgradeStep } from './inspection';
import { discoveryImage, type MeshState } from './mesh-state';

/** The control planes, by revision. */
export function inspectControlPlanes(state: MeshState): readonly ControlPlaneInspection[] {
  return state.istiods
    .map((istiod): ControlPlaneInspection => {
      const { namespace = '', name } = istiod.deployment.metadata;
      const status = deploymentOwner.status(istiod.deployment);
      return {
        revision: istiod.revision,
        tags: tagsOf(state.webhookConfigurations, istiod.revision),
        namespace,
        name,
        versions: versionsOf(istiod, state),
        rollout: status.state,
        rolloutMessage: status.state === 'complete' ? '' : status.message,
      };
    })
    .sort((a, b) => (titleOf(a) < titleOf(b) ? -1 : 1));
}

function titleOf({ revision, namespace, name }: ControlPlaneInspection): string {
  return `${revision} ${namespace}/${name}`;
}

/** The versions of its pods; without pods, that of its template. */
function versionsOf({ revision, deployment }: Istiod, { istiodPods }: MeshState): readonly string[] {
  const running = istiodPods
    .filter((pod) => pod.namespace === deployment.metadata.namespace && pod.revision === revision)
    .map(({ image }) => image);
  const images = running.length > 0 ? running : [discoveryImage(deployment.spec.template?.spec.containers ?? [])];
  return [...new Set(images.flatMap((image) => imageVersion(image) ?? []))].sort(compareVersions);
}

/**
 * The steps from every running version to the target.
 *
 * @throws RestartError `InvalidOption` if the target is not a version
 */
export function upgradeSteps(
  controlPlanes: readonly ControlPlaneInspection[],
  target: string | undefined,
  options: UpgradeOptions,
): readonly UpgradeStep[] {
  if (target === undefined) {
    return [];
  }
  checkUpgrade(target, target);
  const seen = new Set<string>();
  return controlPlanes.flatMap(({ revision, versions }) =>
    versions
      .filter((from) => !seen.has(`${revision} ${from}`) && seen.add(`${revision} ${from}`))
      .map((from) => {
        const message = refusalOf(from, target, options)?.message ?? '';
        return { revision, from, to: target, allowed: message === '', message };
      }),
  );
}

/** Why the step from one version to the other is not supported. */
function refusalOf(from: string, to: string, options: UpgradeOptions): RestartError | undefined {
  try {
    // Images of development builds have no patch version.
    checkUpgrade(/^\d+\.\d+$/.test(from) ? `${from}.0` : from, to, options);
    return undefined;
  } catch (error) {
    if (error instanceof RestartError) {
      return error;
    }
    throw error;
  }
}

/** Problems of the control planes that affect an upgrade. */
export function controlPlaneObservations(
  controlPlanes: readonly ControlPlaneInspection[],
  steps: readonly UpgradeStep[],
  target: string | undefined,
  options: UpgradeOptions,
): readonly Observation[] {
  const revisions = new Set(controlPlanes.map(({ revision }) => revision));
  return [
    ...controlPlanes.flatMap(rolloutObservations),
    ...controlPlanes.flatMap((controlPlane) => unknownVersion(controlPlane, target)),
    ...[...revisions].flatMap((revision) =>
      mixedVersions(
        revision,
        controlPlanes.filter((one) => one.revision === revision),
      ),
    ),
    ...steps.flatMap(({ revision, from, to }): Observation[] => {
      const refusal = refusalOf(from, to, options);
      const [holder] = controlPlanes.filter((one) => one.revision === revision && one.versions.includes(from));
      return refusal && holder
        ? [
            {
              code: 'UpgradeRefused',
              object: deploymentObject(holder),
              message: refusal.problem,
              remedy: refusal.remedy ?? '',
            },
          ]
        : [];
    }),
  ];
}

function rolloutObservations(controlPlane: ControlPlaneInspection): Observation[] {
  const { namespace, name, rollout, rolloutMessage } = controlPlane;
  return rollout === 'complete'
    ? []
    : [
        {
          code: 'ControlPlaneRollingOut',
          object: deploymentObject(controlPlane),
          message: `Deployment ${namespace}/${name} has not finished its rollout (${rolloutMessage})`,
          remedy: shellCommand('kubectl', '-n', namespace, 'rollout', 'status', `deployment/${name}`),
        },
      ];
}

function unknownVersion(controlPlane: ControlPlaneInspection, target: string | undefined): Observation[] {
  const { namespace, name, versions } = controlPlane;
  const untold =
    target === undefined ? 'which proxies are too old for it' : `whether the step to ${target} is supported`;
  return versions.length > 0
    ? []
    : [
        {
          code: target === undefined ? 'UnknownControlPlaneVersion' : 'UndeterminedStep',
          object: deploymentObject(controlPlane),
          message: `The image tag of Deployment ${namespace}/${name} contains no Istio version, so it is unknown ${untold}`,
          remedy: '',
        },
      ];
}

function mixedVersions(revision: string, controlPlanes: readonly ControlPlaneInspection[]): Observation[] {
  const versions = [...new Set(controlPlanes.flatMap((one) => one.versions))].sort(compareVersions);
  const [first] = controlPlanes;
  if (versions.length < 2 || !first) {
    return [];
  }
  const { namespace, name } = first;
  return [
    {
      code: 'MixedControlPlaneVersions',
      object: deploymentObject(first),
      message: `The control plane of revision ${revision} runs the versions ${versions.join(' and ')} at the same time`,
      remedy:
        controlPlanes.length === 1
          ? shellCommand('kubectl', '-n', namespace, 'rollout', 'status', `deployment/${name}`)
          : `keep only one of ${controlPlanes.map((one) => `Deployment ${one.namespace}/${one.name}`).join(' and ')}`,
    },
  ];
}

function deploymentObject({ namespace, name }: ControlPlaneInspection): Observation['object'] {
  return { kind: 'Deployment', namespace, name };
}
