import { ApiObject, type Helm } from 'cdk8s';
import type { Construct } from 'constructs';
import { MeshConstruct } from '../mesh-construct';
import type { MutualTls } from '../security/mutual-tls';
import type { ExtensionProvider } from '../telemetry/extension-provider';
import { renderTelemetry, telemetryWarnings, type TelemetrySettings } from '../telemetry/telemetry-settings';
import { warn } from '../warnings';

/** An Istio that an app installs (`IstioModule`), or that is installed outside the app (`ExistingIstio`). */
export abstract class IstioInstallation extends MeshConstruct {
  /** Version of the control plane, if known. */
  abstract readonly version?: string;

  /** Version of the CustomResourceDefinitions, if known. */
  abstract readonly baseVersion?: string;

  /** Name of the namespace in which the control plane runs. */
  abstract readonly namespaceName: string;

  /** The namespace whose resources apply to the whole mesh. */
  abstract readonly rootNamespace: string;

  /**
   * The revisions and tags for which the control planes inject sidecars. The label `istio-injection: enabled` selects
   * `default`.
   */
  abstract readonly revisions: readonly string[];

  /** The rendered ingress and egress gateways, by name, if the app installs any. */
  abstract readonly gateways?: ReadonlyMap<string, Helm>;

  /** Whether the CNI node agent redirects the pods' traffic. */
  abstract readonly usesCni: boolean;

  /** The raw mesh-wide PeerAuthentication, if the installation creates one. */
  abstract readonly peerAuthentication?: ApiObject;

  /** The raw mesh-wide Telemetry for traces, access logs and metrics, if the installation creates one. */
  abstract readonly telemetry?: ApiObject;

  /** Settings of the mesh-wide Telemetry. */
  abstract readonly meshTelemetry: TelemetrySettings;

  /** The providers that the mesh configuration defines, besides those that every Istio has; undefined if unknown. */
  abstract readonly extensionProviders?: readonly ExtensionProvider[];

  /** The prop that defines further providers, for messages; undefined for a module. */
  readonly providerRegistry?: string;

  /** Whether the destination of spans is, or may be, set for the whole mesh. */
  abstract readonly traces: boolean;

  /** Whether the mesh configuration sets, or may set, the providers of access logs for the whole mesh. */
  abstract readonly logsByDefault: boolean;

  /**
   * The installation that provides what the control planes of a mesh share: this one, unless it runs beside another.
   */
  abstract readonly foundation: IstioInstallation;
}

/** The PeerAuthentication of a whole mesh. */
export function meshPeerAuthentication(scope: Construct, rootNamespace: string, mode: MutualTls): ApiObject {
  return new ApiObject(scope, 'peer-authentication', {
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: { name: 'default', namespace: rootNamespace },
    spec: { mtls: { mode } },
  });
}

/** The Telemetry of a whole mesh; undefined without settings. */
export function meshTelemetryObject(
  scope: Construct,
  rootNamespace: string,
  settings: TelemetrySettings,
): ApiObject | undefined {
  const spec = renderTelemetry(settings);
  if (Object.keys(spec).length === 0) return undefined;
  warn(scope, ...telemetryWarnings(settings));
  return new ApiObject(scope, 'telemetry', {
    apiVersion: 'telemetry.istio.io/v1',
    kind: 'Telemetry',
    metadata: { name: 'mesh-default', namespace: rootNamespace },
    spec,
  });
}
