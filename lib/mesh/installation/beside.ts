import { MeshOrder } from '../mesh-order';
import { ExistingIstio } from './existing-istio';
import { moduleGateways } from './gateway-options';
import { IstioInstallation } from './istio-installation';
import type { IstioModuleProps } from './istio-module-props';
import { minorVersionsAbove } from './istio-version';
import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';

/** Props that configure what a mesh has only once. */
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

/** The props of `SHARED` that an {@link ExistingIstio} does not have, because they concern how Istio is installed. */
const OF_MODULES: ReadonlySet<string> = new Set(['namespaceOwnership', 'base']);

/** The conflicts of a module with the other installations in its cluster, one sentence each. */
export function besideProblems(module: Construct, props: IstioModuleProps): string[] {
  const { beside, revision, revisionTags = [] } = props;
  const found = beside ? sharedProblems(props, beside) : [];
  for (const other of installationsAround(module)) {
    const sameMesh = other.foundation === (beside?.foundation ?? module);
    const sameChart = Chart.of(other) === Chart.of(module);
    if (!sameMesh && sameChart) {
      found.push(
        `is a second Istio in the cluster of ${titleOf(other)}, which has the CustomResourceDefinitions and the mesh-wide resources: ` +
          `set the prop revision, and set beside to that one`,
      );
    }
    if (!sameMesh) continue;
    found.push(...twinGatewayProblems(props, other));
    const names = { revision: revision === undefined ? [] : [revision], 'revision tag': revisionTags };
    for (const [what, own] of Object.entries(names)) {
      for (const name of own.filter((one) => other.revisions.includes(one))) {
        found.push(`${what} '${name}' is also used by ${titleOf(other)}: give one of them another`);
      }
    }
  }
  return found;
}

/** The problems with gateways that get their proxy from another control plane because of their namespace. */
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
          `${kind} gateway '${name}' is also a gateway of ${titleOf(other)} in namespace '${place}': give one of them another name`,
        ]
      : [];
  });
}

/** The installations of the app that have been constructed so far. */
function installationsAround(construct: Construct): readonly IstioInstallation[] {
  return MeshOrder.of(construct)
    .controlPlanesOf(construct.node.root)
    .map(({ module }) => module)
    .filter((module) => module instanceof IstioInstallation);
}

function sharedProblems(props: IstioModuleProps, beside: IstioInstallation): string[] {
  const foundation = beside.foundation;
  const title = titleOf(foundation);
  const isExisting = foundation instanceof ExistingIstio;
  const found: string[] = SHARED.filter((prop) => props[prop] !== undefined).map((prop) =>
    isExisting && OF_MODULES.has(prop)
      ? `${prop} applies to the whole mesh, but ${title} is not installed by the app: leave out ${prop}`
      : `${prop} applies to the whole mesh, so it belongs to ${title}: set it there`,
  );
  if (props.meshConfig?.rootNamespace !== undefined) {
    const remedy = isExisting ? 'set its rootNamespace' : 'set it there';
    found.push(`meshConfig.rootNamespace applies to the whole mesh, so it belongs to ${title}: ${remedy}`);
  }
  if (props.revision === undefined) {
    found.push(`a module beside ${titleOf(beside)} needs its own name: set the prop revision, such as '1-31-1'`);
  }
  const { version, baseVersion } = foundation;
  if (version !== undefined && Math.abs(minorVersionsAbove(props.version, version)) > 1) {
    found.push(
      `version '${props.version}' is more than one minor version away from '${version}' of ${title}: take one minor version at a time`,
    );
  } else if (baseVersion !== undefined && minorVersionsAbove(props.version, baseVersion) > 0) {
    const remedy = isExisting
      ? `update them, and leave out the prop version of ${title}`
      : `set its base.version to '${props.version}'`;
    found.push(
      `version '${props.version}' is newer than the CustomResourceDefinitions of ${title}, which have version '${baseVersion}': ${remedy}`,
    );
  }
  return found;
}

function titleOf(installation: IstioInstallation): string {
  return `${installation.constructor.name} ${installation.node.path}`;
}
