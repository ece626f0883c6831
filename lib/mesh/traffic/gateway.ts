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

/** Properties that every {@link Gateway} has. */
export interface GatewayPropsBase {
  /** The namespace of the Gateway, as the construct or by name. Its pods may be in another namespace. */
  readonly namespace: NamespaceReference;

  /** The ports of the gateway, with the protocols and hosts that it accepts. */
  readonly servers: readonly GatewayServer[];

  /**
   * `metadata.name` of the Gateway.
   *
   * @default - the construct's id
   */
  readonly name?: string;
}

/** Properties of a {@link Gateway} for the pods of a gateway that {@link IstioModule} installs. */
export interface InstalledGatewayProps extends GatewayPropsBase {
  /**
   * The gateway, as in the module's props, or an object with only its name. Synthesis fails if no module of the app
   * installs this gateway, if its values change the label `istio`, or if its Service lacks a port of the servers.
   */
  readonly ingressGateway: { readonly name: string };

  readonly selector?: never;
}

/** Properties of a {@link Gateway} for any pods. */
export interface SelectedGatewayProps extends GatewayPropsBase {
  /** Labels of the gateway's pods, such as `{ istio: 'ingressgateway' }`. They select pods in every namespace. */
  readonly selector: Labels;

  readonly ingressGateway?: never;
}

/** Properties of {@link Gateway}. */
export type GatewayProps = InstalledGatewayProps | SelectedGatewayProps;

/**
 * The ports, hosts and TLS settings with which the pods of a gateway accept traffic into the mesh. Policies that name
 * the Gateway in `gateways` route this traffic.
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
   * @throws Error that lists all problems: servers with the same name, with different protocols on one port, or with
   * the same hosts on one port; TLS with a protocol without TLS, or missing TLS; invalid hosts; values out of range. At
   * synthesis, if no module of the app installs the gateway, if its values change the label `istio`, or if its Service
   * lacks a port
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
      ...serverProblems(this.servers, this.namespace),
    ]);
    this.gatewayObject = new ApiObject(this, 'Default', {
      apiVersion: 'networking.istio.io/v1',
      kind: 'Gateway',
      metadata: { name: this.name, namespace: this.namespace },
      spec: { selector, servers: renderServers(this.servers) },
    });
    if (Object.keys(selector).length === 0) {
      warn(
        this,
        "selector {} selects every proxy of the mesh: name at least one label, such as { istio: 'ingressgateway' }",
      );
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

// Types already require exactly one of the two props. The checks for that are for programs in plain JavaScript.
function selectorProblems({
  ingressGateway,
  selector,
}: Partial<Pick<InstalledGatewayProps, 'ingressGateway'> & Pick<SelectedGatewayProps, 'selector'>>): string[] {
  if (ingressGateway && selector) return ['has both ingressGateway and selector: leave out one of them'];
  if (ingressGateway) return labelNameProblem('ingressGateway', ingressGateway.name);
  if (!selector) return ['selects no pods: set ingressGateway or selector'];
  return labelProblems('selector', selector);
}
