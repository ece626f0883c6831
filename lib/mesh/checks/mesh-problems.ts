import type { ApiObject } from 'cdk8s';
import { GATEWAY_API } from '../gateway-api/gateway-api-group';
import { IstioObject } from '../istio-object';
import type { ControlPlanes } from '../control-plane';
import { sameItems } from '../same-items';
import { conflictingDestinationRuleProblems } from './conflicting-destination-rules';
import { conflictingGatewayProblems, sharedCertificateWarnings } from './conflicting-gateways';
import { conflictingRouteProblems } from './conflicting-routes';
import { conflictingServiceEntryProblems } from './conflicting-service-entries';
import { destinationPortProblems, portSettingWarnings } from './destination-ports';
import { duplicateObjectProblems } from './duplicate-objects';
import { gatewayParentProblems, gatewayParentWarnings } from './gateway-parents';
import { gatewayReferenceProblems } from './gateway-references';
import { WORKLOADS } from './known-pods';
import { meshesOf, isIstioResource, type Mesh } from './mesh';
import { misplacedTargetProblems, misplacedTargetWarnings } from './misplaced-targets';
import { missingGrantWarnings } from './missing-grants';
import { namespaceLabelProblems, namespaceLabelWarnings } from './namespace-labels';
import { openPortProblems, openPortWarnings } from './open-ports';
import { outsideMeshProblems, unenforcedPolicyWarnings } from './outside-mesh';
import { besideVirtualServiceProblems, besideVirtualServiceWarnings } from './routes-beside-virtual-services';
import { routedServiceProblems, routedServiceWarnings } from './routed-services';
import { sameSelectionProblems } from './same-selection';
import { tlsModeProblems, tlsModeWarnings } from './tls-modes';
import { unattachedPolicyProblems, unattachedPolicyWarnings } from './unattached-policies';
import { undefinedSubsetProblems, unseenSubsetWarnings } from './undefined-subsets';
import { unknownIdentityProblems } from './unknown-identities';
import { uninjectedGatewayProblems } from './uninjected-gateways';
import { unreachedProviderProblems, unreachedProviderWarnings } from './unreached-providers';
import { unseenRouteProblems, unseenRouteWarnings } from './unseen-routes';

const CHECKS: readonly ((mesh: Mesh) => string[])[] = [
  namespaceLabelProblems,
  outsideMeshProblems,
  conflictingRouteProblems,
  conflictingDestinationRuleProblems,
  undefinedSubsetProblems,
  gatewayReferenceProblems,
  unseenRouteProblems,
  conflictingGatewayProblems,
  conflictingServiceEntryProblems,
  openPortProblems,
  sameSelectionProblems,
  tlsModeProblems,
  unknownIdentityProblems,
  uninjectedGatewayProblems,
  routedServiceProblems,
  destinationPortProblems,
  gatewayParentProblems,
  unattachedPolicyProblems,
  misplacedTargetProblems,
  unreachedProviderProblems,
  besideVirtualServiceProblems,
];

const WARNINGS: readonly ((mesh: Mesh) => string[])[] = [
  namespaceLabelWarnings,
  unenforcedPolicyWarnings,
  unseenRouteWarnings,
  unseenSubsetWarnings,
  sharedCertificateWarnings,
  openPortWarnings,
  tlsModeWarnings,
  routedServiceWarnings,
  portSettingWarnings,
  gatewayParentWarnings,
  unattachedPolicyWarnings,
  misplacedTargetWarnings,
  unreachedProviderWarnings,
  missingGrantWarnings,
  besideVirtualServiceWarnings,
];

/**
 * The problems between the objects of an app, one sentence each. A problem is certain from the app alone; a warning is
 * a likely mistake. The same checks apply to the objects of constructs and to plain ApiObjects.
 *
 * cdk8s validates an app once for itself and once for each Chart. Objects that have not changed are not checked again.
 */
export class MeshProblems {
  private last: { readonly objects: readonly ApiObject[]; readonly texts: string; readonly found: Found } = {
    objects: [],
    texts: '',
    found: { problems: [], warnings: [] },
  };

  constructor(private readonly order: ControlPlanes) {}

  of(objects: readonly ApiObject[]): Found {
    const texts = changeableTexts(objects);
    const { last, order } = this;
    if (texts === last.texts && sameItems(objects, last.objects)) return last.found;
    const meshes = meshesOf(objects, order);
    const all = (checks: typeof CHECKS) => meshes.flatMap((mesh) => checks.flatMap((check) => check(mesh)));
    const found = { problems: [...duplicateObjectProblems(objects), ...all(CHECKS)], warnings: all(WARNINGS) };
    this.last = { objects, texts, found };
    return found;
  }
}

interface Found {
  readonly problems: string[];
  readonly warnings: string[];
}

/** Kinds that checks compare with Services and pods. */
const COMPARED = ['VirtualService', 'DestinationRule', 'ServiceEntry', 'Sidecar'];

/** The parts of objects that checks read and that may change before the next validation. */
function changeableTexts(objects: readonly ApiObject[]): string {
  // Rendering every Service and workload takes long, so they are only included if checks may read them.
  const others = objects.some(isCompared) ? ['Service', ...WORKLOADS] : [];
  const isOurs = (object: ApiObject) => isIstioResource(object) || object.apiGroup === GATEWAY_API;
  return objects
    .filter(
      (object) =>
        object.kind === 'Namespace' || others.includes(object.kind) || (isOurs(object) && !isUnpatched(object)),
    )
    .map((object) => JSON.stringify(object.toJson()))
    .join();
}

/**
 * Whether checks compare an object with Services or pods. Gateways get their proxy from the injector, so checks look
 * for gateways in a Namespace with injection disabled.
 */
function isCompared({ apiGroup, kind, metadata }: ApiObject): boolean {
  return (
    apiGroup === GATEWAY_API ||
    COMPARED.includes(kind) ||
    (kind === 'Namespace' && metadata.getLabel('istio-injection') === 'disabled')
  );
}

function isUnpatched(object: ApiObject): boolean {
  return IstioObject.is(object) && object.unpatched !== undefined;
}
