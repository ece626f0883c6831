import type { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { throwProblems } from '../construct-error';
import { MeshOrder } from '../mesh-order';
import { namespaceName, type NamespaceReference } from '../namespaces/namespace-reference';
import { labelNameProblem } from '../object-name';
import type { MutualTls } from '../security/mutual-tls';
import { referenceProblem, sharedNameProblems, type ExtensionProvider } from '../telemetry/extension-provider';
import { telemetryProblems, type TelemetrySettings } from '../telemetry/telemetry-settings';
import { IstioInstallation, meshPeerAuthentication, meshTelemetryObject } from './istio-installation';
import { istioVersionProblem } from './istio-version';
import { DEFAULT_REVISION, revisionProblem } from './revisions';

/** Properties of {@link ExistingIstio}. */
export interface ExistingIstioProps extends TelemetrySettings {
  /**
   * Its version and that of its CustomResourceDefinitions, `MAJOR.MINOR.PATCH`. A module beside it is held against it.
   *
   * @default - not known
   */
  readonly version?: string;

  /**
   * The namespace that istiod runs in, as the construct or by name.
   *
   * @default 'istio-system'
   */
  readonly namespace?: NamespaceReference;

  /**
   * The namespace whose resources apply to the whole mesh.
   *
   * @default - that of istiod
   */
  readonly rootNamespace?: string;

  /**
   * Revisions and revision tags that inject sidecars; `default` where `istio-injection: enabled` is read.
   *
   * @default ['default']
   */
  readonly revisions?: readonly string[];

  /**
   * Whether Istio's CNI node agent is there; a module beside this Istio makes the same use of it.
   *
   * @default false
   */
  readonly cni?: boolean;

  /**
   * The providers that its mesh configuration defines, as entries of `meshConfig.extensionProviders`. References to
   * providers are held against them.
   *
   * @default - not known: any reference is taken
   */
  readonly extensionProviders?: readonly ExtensionProvider[];

  /**
   * How workloads all over the mesh accept connections from each other.
   *
   * @default - left to others
   */
  readonly mutualTls?: MutualTls;
}

/**
 * An Istio that others have installed, for an app that only configures it. Nothing is rendered with helm, and nothing of
 * the control plane is applied; constructs that cover the whole mesh find its root namespace, and `tracing`,
 * `accessLogs`, `metrics` and `mutualTls` write the mesh-wide Telemetry and PeerAuthentication. Leave those out that are
 * in the root namespace already: Istio uses only one of each.
 *
 * @see https://istio.io/latest/docs/reference/config/
 */
export class ExistingIstio extends IstioInstallation {
  readonly version?: string;
  readonly baseVersion?: string;
  readonly namespaceName: string;
  readonly rootNamespace: string;
  readonly revisions: readonly string[];
  readonly usesCni: boolean;
  readonly gateways = undefined;
  readonly peerAuthentication?: ApiObject;
  readonly telemetry?: ApiObject;
  readonly meshTelemetry: TelemetrySettings;
  readonly extensionProviders?: readonly ExtensionProvider[];

  override readonly providerRegistry = 'its extensionProviders';

  /** True: its mesh configuration may say where spans go. */
  readonly traces = true;

  /** True: its mesh configuration may name providers that log. */
  readonly logsByDefault = true;

  /** @throws Error listing all props that are wrong */
  constructor(scope: Construct, id: string, props: ExistingIstioProps = {}) {
    super(scope, id);
    throwProblems(this, problems(props, `${this.constructor.name} ${this.node.path}`));
    this.version = props.version;
    this.baseVersion = props.version;
    this.namespaceName = namespaceName(props.namespace ?? 'istio-system');
    this.rootNamespace = props.rootNamespace ?? this.namespaceName;
    this.revisions = props.revisions ?? [DEFAULT_REVISION];
    this.usesCni = props.cni ?? false;
    this.extensionProviders = props.extensionProviders;
    const { tracing, accessLogs, metrics } = props;
    this.meshTelemetry = { tracing, accessLogs, metrics };
    if (props.mutualTls) this.peerAuthentication = meshPeerAuthentication(this, this.rootNamespace, props.mutualTls);
    this.telemetry = meshTelemetryObject(this, this.rootNamespace, this.meshTelemetry);
    MeshOrder.of(this).addControlPlane({
      module: this,
      namespace: this.namespaceName,
      rootNamespace: this.rootNamespace,
      version: this.version,
      cni: props.cni,
      revisions: this.revisions,
      parts: [],
      ready: [],
    });
  }
}

function problems(props: ExistingIstioProps, title: string): string[] {
  const { namespace, rootNamespace, revisions, extensionProviders, tracing, accessLogs = [], metrics } = props;
  const found = [
    ...(props.version === undefined ? [] : istioVersionProblem(props.version)),
    ...(namespace === undefined ? [] : labelNameProblem('namespace', namespaceName(namespace))),
    ...(rootNamespace === undefined ? [] : labelNameProblem('rootNamespace', rootNamespace)),
    ...(revisions ?? []).flatMap((name) => revisionProblem('revision', name)),
    ...telemetryProblems(props),
    ...sharedNameProblems(extensionProviders ?? []),
  ];
  if (revisions?.length === 0) {
    found.push(
      'revisions [] injects for nobody: name at least one, or leave the prop out for the default control plane',
    );
  }
  if (extensionProviders) {
    const unknown = (
      at: string,
      provider: Parameters<typeof referenceProblem>[1],
      use: 'tracing' | 'access logs' | 'metrics',
    ) => referenceProblem(at, provider, use, title, extensionProviders, 'extensionProviders');
    found.push(
      ...(tracing?.provider === undefined ? [] : unknown('tracing', tracing.provider, 'tracing')),
      ...accessLogs.flatMap(({ providers = [] }, index) =>
        providers.flatMap((provider) => unknown(`accessLogs[${String(index)}]`, provider, 'access logs')),
      ),
      ...(metrics?.providers ?? []).flatMap((provider) => unknown('metrics', provider, 'metrics')),
    );
  }
  return found;
}
