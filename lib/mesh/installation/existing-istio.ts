import type { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { throwProblems } from '../construct-error';
import { MeshOrder } from '../mesh-order';
import { namespaceName, type NamespaceReference } from '../namespaces/namespace-reference';
import { labelNameProblem } from '../object-name';
import type { MutualTls } from '../security/mutual-tls';
import { referenceProblem, sharedNameProblems, type ExtensionProvider } from '../telemetry/extension-provider';
import { telemetryProblems, type TelemetrySettings } from '../telemetry/telemetry-settings';
import { EXPORT_DEFAULTS, exportDefaults, type ExportDefault, type ExportDefaults } from './export-defaults';
import { IstioInstallation, meshPeerAuthentication, meshTelemetryObject } from './istio-installation';
import { istioVersionProblem } from './istio-version';
import { DEFAULT_REVISION, revisionProblem } from './revisions';

/**
 * The namespaces to which objects without `exportTo` are exported: `*` all, `.` their own, or `~` none. For
 * DestinationRules, Istio treats `~` like `*`.
 *
 * @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig
 */
export interface DefaultExportTo {
  /**
   * The value of `defaultVirtualServiceExportTo`.
   *
   * @default '*'
   */
  readonly virtualServices?: ExportDefault;

  /**
   * The value of `defaultDestinationRuleExportTo`.
   *
   * @default '*'
   */
  readonly destinationRules?: ExportDefault;

  /**
   * The value of `defaultServiceExportTo`, for Services and ServiceEntries.
   *
   * @default '*'
   */
  readonly services?: ExportDefault;
}

/** Properties of {@link ExistingIstio}. */
export interface ExistingIstioProps extends TelemetrySettings {
  /**
   * Version of Istio and of its CustomResourceDefinitions, `MAJOR.MINOR.PATCH`. The version of a module beside it is
   * checked against this.
   *
   * @default - unknown
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
   * @default - the namespace of istiod
   */
  readonly rootNamespace?: string;

  /**
   * Revisions and revision tags that inject sidecars. Include `default` if namespaces with `istio-injection: enabled`
   * are injected.
   *
   * @default ['default']
   */
  readonly revisions?: readonly string[];

  /**
   * Whether Istio's CNI node agent is installed. A module beside this Istio also uses it.
   *
   * @default false
   */
  readonly cni?: boolean;

  /**
   * The providers that the mesh configuration defines, as entries of `meshConfig.extensionProviders`. References to
   * providers are checked against them.
   *
   * @default - unknown; references are not checked
   */
  readonly extensionProviders?: readonly ExtensionProvider[];

  /**
   * The defaults for `exportTo` in the mesh configuration. Checks between objects of different namespaces use them.
   *
   * @default - objects without `exportTo` are exported to all namespaces, which is Istio's default
   */
  readonly defaultExportTo?: DefaultExportTo;

  /**
   * Mutual TLS mode of the whole mesh.
   *
   * @default - left to other resources
   */
  readonly mutualTls?: MutualTls;
}

/**
 * An Istio that is installed outside the app; the app only configures it. The construct renders no chart and applies no
 * part of the control plane. It sets the root namespace for constructs that apply to the whole mesh. The props
 * `tracing`, `accessLogs`, `metrics` and `mutualTls` create the mesh-wide Telemetry and PeerAuthentication. Omit them
 * if the root namespace already contains such a resource, because Istio uses only one of each.
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
  readonly foundation: IstioInstallation = this;
  readonly peerAuthentication?: ApiObject;
  readonly telemetry?: ApiObject;
  readonly meshTelemetry: TelemetrySettings;
  readonly extensionProviders?: readonly ExtensionProvider[];

  override readonly providerRegistry = 'its extensionProviders';

  /** Always true, because the mesh configuration may set where spans go. */
  readonly traces = true;

  /** Always true, because the mesh configuration may name providers for access logs. */
  readonly logsByDefault = true;

  /** @throws Error that lists all invalid props */
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
      extensionProviders: this.extensionProviders,
      revisions: this.revisions,
      exportDefaults: exportDefaultsOf(props.defaultExportTo),
      parts: [],
      ready: [],
    });
  }
}

function exportDefaultsOf({ virtualServices, destinationRules, services }: DefaultExportTo = {}): ExportDefaults {
  const list = (one: ExportDefault | undefined) => (one === undefined ? [] : [one]);
  return exportDefaults({
    defaultVirtualServiceExportTo: list(virtualServices),
    defaultDestinationRuleExportTo: list(destinationRules),
    defaultServiceExportTo: list(services),
  });
}

// Types already prevent this. The check is for programs in plain JavaScript.
function defaultExportToProblems(defaults: DefaultExportTo = {}): string[] {
  return Object.entries(defaults).flatMap(([name, value]) =>
    value === undefined || EXPORT_DEFAULTS.includes(value as ExportDefault)
      ? []
      : [`defaultExportTo.${name} is ${JSON.stringify(value)}: write '*', '.' or '~'`],
  );
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
    ...defaultExportToProblems(props.defaultExportTo),
  ];
  if (revisions?.length === 0) {
    found.push(
      'revisions is empty, so no namespace gets sidecars: name at least one, or leave the prop out for the default control plane',
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
