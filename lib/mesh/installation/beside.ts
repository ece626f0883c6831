import { MeshOrder } from '../mesh-order';
import { moduleGateways } from './gateway-options';
import { IstioInstallation } from './istio-installation';
import type { IstioModuleProps } from './istio-module-props';
import { minorVersionsAbove } from './istio-version';
import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';

/** Props of what a mesh has once. */
const SHARED = [
  'namespace',
  'namespaceOwnership',
  'base',
  'cni',
  'mutualTls',
  'tracing',
  'accessLogs',
  'metrics',
] as const;

/** The problems with a module among the other installations of its cluster, one sentence each. */
export function besideProblems(module: Construct, props: IstioModuleProps): string[] {
  const { beside, revision, revisionTags = [] } = props;
  const found = beside ? sharedProblems(props, beside) : [];
  for (const other of installationsAround(module)) {
    const sameMesh = other.foundation === (beside?.foundation ?? module);
    const sameChart = Chart.of(other) === Chart.of(module);
    if (!sameMesh && sameChart) {
      found.push(
        `is a second Istio for the cluster of ${titleOf(other)}, which has the CustomResourceDefinitions and what covers the whole mesh: ` +
          `set the props revision, and beside to that one`,
      );
    }
    if (!sameMesh) continue;
    found.push(...twinGatewayProblems(props, other));
    const names = { revision: revision === undefined ? [] : [revision], 'revision tag': revisionTags };
    for (const [what, own] of Object.entries(names)) {
      for (const name of own.filter((one) => other.revisions.includes(one))) {
        found.push(`${what} '${name}' is one of ${titleOf(other)} as well: give one of them another`);
      }
    }
  }
  return found;
}

/** The problems with gateways whose namespace decides which control plane they get their proxy from. */
export function gatewayPlaceProblems(
  props: IstioModuleProps,
  namespace: string,
  served: readonly string[],
  own: string,
): string[] {
  return moduleGateways(props.ingressGateways, props.egressGateways).flatMap((gateway) => {
    const wanted = gateway.revision ?? own;
    if ((gateway.namespace ?? namespace) !== namespace || served.includes(wanted)) return [];
    return [
      `${gateway.kind} gateway '${gateway.name}' of revision '${wanted}' would get its proxy from revision '${served[0] ?? ''}' in namespace '${namespace}': set its namespace to another one`,
    ];
  });
}

function twinGatewayProblems(props: IstioModuleProps, other: IstioInstallation): string[] {
  return moduleGateways(props.ingressGateways, props.egressGateways).flatMap(({ kind, name, namespace }) => {
    const place = namespace ?? other.namespaceName;
    const twin = other.gateways?.get(name)?.apiObjects.some((object) => object.metadata.namespace === place);
    return twin
      ? [
          `${kind} gateway '${name}' is one of ${titleOf(other)} in namespace '${place}' as well: give one of them another name`,
        ]
      : [];
  });
}

/** The installations of the app, as far as they have been constructed. */
function installationsAround(construct: Construct): readonly IstioInstallation[] {
  return MeshOrder.of(construct)
    .controlPlanesOf(construct.node.root)
    .map(({ module }) => module)
    .filter((module) => module instanceof IstioInstallation);
}

function sharedProblems(props: IstioModuleProps, beside: IstioInstallation): string[] {
  const foundation = beside.foundation;
  const title = titleOf(foundation);
  const found: string[] = SHARED.filter((prop) => props[prop] !== undefined).map(
    (prop) => `${prop} is for the whole mesh, and belongs to ${title}: set it there`,
  );
  if (props.meshConfig?.rootNamespace !== undefined) {
    found.push(`meshConfig.rootNamespace is for the whole mesh, and belongs to ${title}: set it there`);
  }
  if (props.revision === undefined) {
    found.push(`beside ${titleOf(beside)} needs a name of its own: set the prop revision, such as '1-31-1'`);
  }
  const { version, baseVersion } = foundation;
  if (version !== undefined && Math.abs(minorVersionsAbove(props.version, version)) > 1) {
    found.push(
      `version '${props.version}' is more than one minor version from the '${version}' of ${title}: take one minor version after the other`,
    );
  } else if (baseVersion !== undefined && minorVersionsAbove(props.version, baseVersion) > 0) {
    found.push(
      `version '${props.version}' is newer than the CustomResourceDefinitions of ${title}, which are of '${baseVersion}': set its base.version to '${props.version}'`,
    );
  }
  return found;
}

function titleOf(installation: IstioInstallation): string {
  return `${installation.constructor.name} ${installation.node.path}`;
}
