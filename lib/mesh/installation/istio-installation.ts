import { ApiObject, type Helm } from 'cdk8s';
import type { Construct } from 'constructs';
import { MeshConstruct } from '../mesh-construct';
import type { MutualTls } from '../security/mutual-tls';
import type { ExtensionProvider } from '../telemetry/extension-provider';
import { renderTelemetry, telemetryWarnings, type TelemetrySettings } from '../telemetry/telemetry-settings';
import { warn } from '../warnings';

/** An Istio that an app knows: one that it installs (`IstioModule`), or one that others have (`ExistingIstio`). */
export abstract class IstioInstallation extends MeshConstruct {
  /** Version of the control plane, where it is known. */
  abstract readonly version?: string;

  /** Version of the CustomResourceDefinitions, where it is known. */
  abstract readonly baseVersion?: string;

  /** Name of the namespace that the control plane runs in. */
  abstract readonly namespaceName: string;

  /** The namespace whose resources apply to the whole mesh. */
  abstract readonly rootNamespace: string;

  /** The revisions and tags that its control planes inject for; `default` is what `istio-injection: enabled` selects. */
  abstract readonly revisions: readonly string[];

  /** The rendered ingress and egress gateways, by name, where the app installs some. */
  abstract readonly gateways?: ReadonlyMap<string, Helm>;

  /** Whether the CNI node agent redirects the pods' traffic. */
  abstract readonly usesCni: boolean;

  /** The raw mesh-wide PeerAuthentication, unless others see to it. */
  abstract readonly peerAuthentication?: ApiObject;

  /** The raw mesh-wide Telemetry, if there is something to say in it: traces, access logs and metrics in one. */
  abstract readonly telemetry?: ApiObject;

  /** What it says. */
  abstract readonly meshTelemetry: TelemetrySettings;

  /** The providers that the mesh configuration defines, besides those of every Istio; undefined when it is not known. */
  abstract readonly extensionProviders?: readonly ExtensionProvider[];

  /** The prop that defines more of them, for messages; undefined for those of a module. */
  readonly providerRegistry?: string;

  /** Whether something says for the whole mesh where spans go, or may do so. */
  abstract readonly traces: boolean;

  /** Whether the mesh configuration, other than a Telemetry, says for the whole mesh which providers log, or may do so. */
  abstract readonly logsByDefault: boolean;

  /** The installation that brings what several control planes of one mesh share: itself, unless it is beside another. */
  // eslint-disable-next-line @typescript-eslint/prefer-return-this-type -- a module beside another has that one's
  get foundation(): IstioInstallation {
    return this;
  }
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

/** The Telemetry of a whole mesh, if there is something to say in it. */
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
