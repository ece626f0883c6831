import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { throwProblems } from '../construct-error';
import { renderServers, serverProblems, type GatewayServer } from './gateway-server';
import { gatewayLabel, installedGatewayProblems } from './installed-gateway';
import { MeshConstruct } from '../mesh-construct';
import { MeshOrder } from '../mesh-order';
import { namespaceName, type NamespaceReference } from '../namespaces/namespace-reference';
import { labelNameProblem } from '../object-name';
import { labelProblems, type Labels } from '../labels';
import { warn } from '../warnings';

/** What every {@link Gateway} has. */
export interface GatewayPropsBase {
  /** The namespace of the Gateway, as the construct or by name; its pods may be in another. */
  readonly namespace: NamespaceReference;

  /** The ports, and what is taken there. */
  readonly servers: readonly GatewayServer[];

  /**
   * `metadata.name` of the Gateway.
   *
   * @default - the construct's id
   */
  readonly name?: string;
}

/** Properties of a {@link Gateway} for the pods of a gateway that the module installs. */
export interface InstalledGatewayProps extends GatewayPropsBase {
  /**
   * The gateway, as it is given to the module, or its name alone. Synthesis fails when the app's modules install no such
   * gateway, or one whose Service lacks a port of the servers.
   */
  readonly ingressGateway: { readonly name: string };

  readonly selector?: never;
}

/** Properties of a {@link Gateway} for any pods. */
export interface SelectedGatewayProps extends GatewayPropsBase {
  /** Labels of the gateway's pods, such as `{ istio: 'ingressgateway' }`; in every namespace. */
  readonly selector: Labels;

  readonly ingressGateway?: never;
}

/** Properties of {@link Gateway}. */
export type GatewayProps = InstalledGatewayProps | SelectedGatewayProps;

/**
 * What comes into the mesh through the pods of a gateway: ports, hosts and TLS. Where it goes, say the policies whose
 * `gateways` name it.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/gateway/
 */
export class Gateway extends MeshConstruct {
  /** Name of the Gateway. */
  readonly name: string;

  /** Name of its namespace. */
  readonly namespace: string;

  readonly servers: readonly GatewayServer[];

  /** The raw Gateway. */
  readonly gatewayObject: ApiObject;

  /**
   * @throws Error listing all that is wrong: servers that share a port but not a protocol, or a name, or hosts on one
   * port; TLS where the protocol has none, and none where it needs it; hosts that are none; values out of range; on
   * synthesis, when it is for a gateway that no module of the app installs, or whose Service lacks a port
   */
  constructor(scope: Construct, id: string, props: GatewayProps) {
    super(scope, id);
    this.name = props.name ?? id;
    this.namespace = namespaceName(props.namespace);
    this.servers = props.servers;
    const selector = selectorOf(props);
    throwProblems(this, [
      ...labelNameProblem('gateway', this.name),
      ...labelNameProblem('namespace', this.namespace),
      ...selectorProblems(props),
      ...serverProblems(this.servers),
    ]);
    this.gatewayObject = new ApiObject(this, 'Default', {
      apiVersion: 'networking.istio.io/v1',
      kind: 'Gateway',
      metadata: { name: this.name, namespace: this.namespace },
      spec: { selector, servers: renderServers(this.servers) },
    });
    if (Object.keys(selector).length === 0) {
      warn(this, "selector {} selects every proxy of the mesh: name a label, such as { istio: 'ingressgateway' }");
    }
    MeshOrder.of(this).addObjects(this);
    const { ingressGateway } = props;
    if (ingressGateway) {
      this.node.addValidation({ validate: () => installedGatewayProblems(this, ingressGateway.name, this.servers) });
    }
  }
}

function selectorOf({ ingressGateway, selector }: GatewayProps): Labels {
  return ingressGateway ? { istio: gatewayLabel(ingressGateway.name) } : selector;
}

// Types already prevent the first two. The checks are for programs in plain JavaScript.
function selectorProblems({
  ingressGateway,
  selector,
}: Partial<Pick<InstalledGatewayProps, 'ingressGateway'> & Pick<SelectedGatewayProps, 'selector'>>): string[] {
  if (ingressGateway && selector) return ['has both ingressGateway and selector: leave out one of them'];
  if (ingressGateway) return labelNameProblem('ingressGateway', ingressGateway.name);
  if (!selector) return ['selects no pods: set ingressGateway or selector'];
  return labelProblems('selector', selector);
}
