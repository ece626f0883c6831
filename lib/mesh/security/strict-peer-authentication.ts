import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { throwProblems } from '../construct-error';
import { namespaceName, type NamespaceReference } from '../namespaces/mesh-namespace';
import { MeshOrder } from '../mesh-order';
import { MutualTls } from './mutual-tls';
import { objectNameProblem } from '../object-name';
import { intoRootNamespace, placeProblems } from '../policy-scope';
import { labelProblems } from '../workload-selector';

/** Properties of {@link StrictPeerAuthentication}. */
export interface StrictPeerAuthenticationProps {
  /**
   * The namespace that is covered, as the construct or by name.
   *
   * @default - the whole mesh
   */
  readonly namespace?: NamespaceReference;

  /**
   * Labels of the workloads that are covered; needs `namespace`.
   *
   * @default - every workload
   */
  readonly workload?: Readonly<Record<string, string>>;

  /**
   * Ports, by container port number, that are treated differently; needs `workload`.
   *
   * @default - none
   */
  readonly ports?: Readonly<Record<number, MutualTls>>;

  /**
   * The mesh's root namespace, where the object goes that covers the whole mesh.
   *
   * @default - the root namespace of the app's IstioModule
   */
  readonly rootNamespace?: string;

  /**
   * `metadata.name` of the object.
   *
   * @default - `default` for the mesh or a namespace, the construct's id for workloads
   */
  readonly name?: string;
}

/**
 * Makes workloads accept nothing but mutual TLS: all of the mesh, those of a namespace, or some of a namespace's. The
 * narrowest one applies to a workload.
 *
 * The object itself is `peerAuthentication`, the escape hatch to the raw object.
 *
 * @see https://istio.io/latest/docs/reference/config/security/peer_authentication/
 */
export class StrictPeerAuthentication extends Construct {
  /** The raw PeerAuthentication. */
  readonly peerAuthentication: ApiObject;

  /**
   * @throws Error when a workload comes without a namespace, ports without a workload, or a name or port is not one; on
   * synthesis, when it covers the mesh and neither the app nor the props know the root namespace
   */
  constructor(scope: Construct, id: string, props: StrictPeerAuthenticationProps = {}) {
    super(scope, id);
    const name = props.name ?? (props.workload ? id : 'default');
    throwProblems(this, problems(name, props));

    const ports = Object.entries(props.ports ?? {});
    const namespace = props.namespace === undefined ? props.rootNamespace : namespaceName(props.namespace);
    this.peerAuthentication = new ApiObject(this, 'Default', {
      apiVersion: 'security.istio.io/v1',
      kind: 'PeerAuthentication',
      metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
      spec: {
        ...(props.workload ? { selector: { matchLabels: props.workload } } : {}),
        mtls: { mode: MutualTls.STRICT },
        ...(ports.length > 0
          ? { portLevelMtls: Object.fromEntries(ports.map(([port, mode]) => [port, { mode }])) }
          : {}),
      },
    });
    MeshOrder.of(this).addObjects(this);
    intoRootNamespace(this, props, this.peerAuthentication);
  }
}

function problems(
  name: string,
  { namespace, workload, ports, rootNamespace }: StrictPeerAuthenticationProps,
): string[] {
  const found = [
    ...objectNameProblem(name),
    ...placeProblems({ namespace, rootNamespace }),
    ...labelProblems('workload', workload ?? {}),
  ];
  if (workload && namespace === undefined) {
    found.push(`workload ${show(workload)} needs a namespace: set the prop namespace to the workload's`);
  }
  if (workload && Object.keys(workload).length === 0) {
    found.push(
      'workload {} selects by no label: name at least one, or leave the prop out to cover the whole namespace',
    );
  }
  for (const port of Object.keys(ports ?? {})) {
    if (!/^[1-9]\d{0,4}$/.test(port) || Number(port) > 65535) {
      found.push(`ports has '${port}', which is not a port: write a whole number from 1 to 65535`);
    } else if (!workload) {
      found.push(`ports ${port} needs a workload: set the prop workload to the labels of the pods that listen on it`);
    }
  }
  return found;
}

function show(labels: Readonly<Record<string, string>>): string {
  return `{ ${Object.entries(labels)
    .map(([key, value]) => `${key}: '${value}'`)
    .join(', ')} }`;
}
