import type { MutualTlsMode } from '../istio/mutual-tls/effective-mutual-tls';

/** The purpose of an inspection. */
export type InspectionPurpose = 'upgrade' | 'uninstall';

/** `error`: blocks the purpose of the inspection. `warning`: does not block it, but is better resolved first. */
export type FindingSeverity = 'error' | 'warning';

/** The codes of findings, as a closed set that callers can branch on. */
export type FindingCode =
  /** An istiod Deployment has not finished its rollout. */
  | 'ControlPlaneRollingOut'
  /** The control plane of one revision runs several versions at the same time. */
  | 'MixedControlPlaneVersions'
  /** The image of a control plane does not contain its version. */
  | 'UnknownControlPlaneVersion'
  /** The upgrade to the target version is not supported. */
  | 'UpgradeRefused'
  /** The image of a control plane does not contain its version, so the step to the target cannot be checked. */
  | 'UndeterminedStep'
  /** Proxies more than one minor version behind their control plane. */
  | 'ProxyTooOld'
  /** Proxies that would be more than one minor version behind after the upgrade. */
  | 'ProxyTooOldForTarget'
  /** Proxies of a later minor version than their control plane. */
  | 'ProxyAhead'
  /** Proxies whose image does not contain their version. */
  | 'UnknownProxyVersion'
  /** Proxies of a revision without a control plane. */
  | 'OrphanedProxy'
  /** Images of Istio from a registry that Istio shuts down. */
  | 'RetiredRegistry'
  /** An object of Istio's API groups that is not part of the installation. */
  | 'ForeignResource'
  /** A policy of a namespace makes mutual TLS STRICT there, although nothing injects sidecars. */
  | 'StrictWithoutSidecars'
  /** A namespace without sidecar injection in a mesh with STRICT mutual TLS. */
  | 'OutsideStrictMesh'
  /** Pods without the sidecar that their namespace requests, with STRICT mutual TLS. */
  | 'SidecarsMissing'
  /** A workload that opts out of the sidecar, with STRICT mutual TLS. */
  | 'OptedOutOfStrict'
  /** A namespace that accepts plain text until an earlier restart is complete. */
  | 'OpenTransition'
  /** A namespace with sidecars whose own policy accepts plain text. */
  | 'PlainTextNamespace'
  /** A mesh that accepts plain text where no narrower policy forbids it. */
  | 'PlainTextMesh'
  /**
   * A namespace whose two injection labels contradict each other, for example by selecting different control planes.
   */
  | 'ConflictingInjectionLabels'
  /** A namespace or workload whose injection label no webhook serves. */
  | 'UnservedRevision';

/** The object of a finding. */
export interface InspectedObject {
  readonly kind: string;
  /** Empty for a cluster-scoped object. */
  readonly namespace: string;
  readonly name: string;
}

/** One thing to resolve, or to know, before an upgrade or uninstall. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: FindingSeverity;
  /** The purposes that it blocks; empty for a warning. */
  readonly blocks: readonly InspectionPurpose[];
  readonly object: InspectedObject;
  /** One sentence for people. */
  readonly message: string;
  /** The command that resolves it, or instructions if there is none; empty if the remedy depends on the intention. */
  readonly remedy: string;
}

/** One istiod Deployment. */
export interface ControlPlaneInspection {
  readonly revision: string;
  /** The revision tags that point to it. */
  readonly tags: readonly string[];
  readonly namespace: string;
  readonly name: string;
  /** The versions of its pods, or of its template if none runs; empty if the images do not contain a version. */
  readonly versions: readonly string[];
  readonly rollout: 'complete' | 'progressing' | 'failed';
  /** Why the rollout is not complete; empty if it is. */
  readonly rolloutMessage: string;
}

/**
 * The version skew between a proxy and its control plane. The control plane may be at most one minor version ahead, and
 * never behind.
 *
 * @see https://istio.io/latest/docs/releases/supported-releases/#control-planedata-plane-skew
 */
export type ProxySkew =
  /** The same minor version. */
  | 'none'
  /** One minor version behind. */
  | 'behind'
  /** More than one minor version behind. */
  | 'tooOld'
  /** A later minor version. */
  | 'ahead'
  /** One of the versions is unknown, their major versions differ, or the control plane does not exist. */
  | 'unknown';

/** The running proxies of one revision and version. */
export interface ProxyGroup {
  readonly revision: string;
  /** Empty if the images do not contain a version. */
  readonly version: string;
  readonly skew: ProxySkew;
  /** The number of pods. */
  readonly pods: number;
  /** The number of pods with a custom image in `sidecar.istio.io/proxyImage`. */
  readonly customImages: number;
  readonly workloads: readonly (InspectedObject & { readonly pods: number })[];
}

/** The step from one running version of a control plane to the target version. */
export interface UpgradeStep {
  readonly revision: string;
  readonly from: string;
  readonly to: string;
  readonly allowed: boolean;
  /** Why the step is not supported; empty if it is. */
  readonly message: string;
}

/** An object of Istio's API groups. */
export interface InspectedResource extends InspectedObject {
  readonly group: string;
  /** Whether it is not part of the installation, so that an uninstall would delete it together with its CRD. */
  readonly foreign: boolean;
}

/** A namespace and its state in the mesh. */
export interface NamespaceInspection {
  readonly name: string;
  /** The revision that injects its pods, unless their own labels select another; empty if there is none. */
  readonly injectedBy: string;
  /** The mutual TLS mode of its sidecars, unless policies for workloads override it. */
  readonly mutualTls: MutualTlsMode;
  /** The source of the mode: the policy of the namespace, the policy of the mesh, or Istio's default. */
  readonly mutualTlsFrom: 'namespace' | 'mesh' | 'default';
  readonly pods: number;
  /** The number of its pods with a proxy. */
  readonly proxies: number;
}

/**
 * The inspection of a mesh before an upgrade or uninstall. Plain data that can be written as JSON. The JSON schema
 * docs/check.schema.json defines its format.
 */
export interface MeshInspection {
  /** Increases with incompatible changes of the format. */
  readonly schemaVersion: 1;
  /** The name of the kubeconfig's context. */
  readonly cluster: string;
  /** The time by the API server's clock, in RFC 3339. */
  readonly generatedAt: string;
  /** The purposes of the inspection. */
  readonly purposes: readonly InspectionPurpose[];
  /** The target version, if one was specified. */
  readonly target?: string;
  readonly summary: {
    readonly controlPlanes: number;
    readonly proxies: number;
    readonly errors: number;
    readonly warnings: number;
  };
  readonly controlPlanes: readonly ControlPlaneInspection[];
  readonly proxies: readonly ProxyGroup[];
  /** Empty without a target version. */
  readonly steps: readonly UpgradeStep[];
  readonly resources: readonly InspectedResource[];
  readonly namespaces: readonly NamespaceInspection[];
  /** Errors before warnings. */
  readonly findings: readonly Finding[];
}
