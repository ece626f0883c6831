import type { MutualTlsMode } from '../istio/mutual-tls/effective-mutual-tls';

/** What an inspection is made before. */
export type InspectionPurpose = 'upgrade' | 'uninstall';

/** `error`: stands in the way of what the inspection is made for. `warning`: better settled first. */
export type FindingSeverity = 'error' | 'warning';

/** What was found, as a closed set that callers can branch on. */
export type FindingCode =
  /** An istiod Deployment has not finished its rollout. */
  | 'ControlPlaneRollingOut'
  /** The control plane of one revision runs several versions at once. */
  | 'MixedControlPlaneVersions'
  /** The image of a control plane does not contain its version. */
  | 'UnknownControlPlaneVersion'
  /** The step to the version that was asked about is not supported. */
  | 'UpgradeRefused'
  /** The image of a control plane does not contain its version, so the step to the target cannot be checked. */
  | 'UndeterminedStep'
  /** Proxies more than one minor version behind their control plane. */
  | 'ProxyTooOld'
  /** Proxies that would be more than one minor version behind after the upgrade. */
  | 'ProxyTooOldForTarget'
  /** Proxies of a later minor version than their control plane. */
  | 'ProxyAhead'
  /** Proxies whose image does not say their version. */
  | 'UnknownProxyVersion'
  /** Proxies of a revision that has no control plane. */
  | 'OrphanedProxy'
  /** Images of Istio from a registry that Istio shuts down. */
  | 'RetiredRegistry'
  /** An object of Istio's API groups that is no part of the installation. */
  | 'ForeignResource'
  /** A namespace, or workloads in it, made STRICT by a policy of its own, while nothing injects sidecars there. */
  | 'StrictWithoutSidecars'
  /** A namespace that nothing injects sidecars into, in a mesh that is STRICT. */
  | 'OutsideStrictMesh'
  /** Pods without the sidecar that their namespace asks for, under STRICT. */
  | 'SidecarsMissing'
  /** A workload that keeps the sidecar away, under STRICT. */
  | 'OptedOutOfStrict'
  /** A namespace that accepts plain text until a restart that has begun is complete. */
  | 'OpenTransition'
  /** A namespace with sidecars whose own policy lets plain text in. */
  | 'PlainTextNamespace'
  /** A mesh that lets plain text in wherever no narrower policy forbids it. */
  | 'PlainTextMesh'
  /** A namespace with both labels that choose a control plane, which do not choose the same. */
  | 'ConflictingInjectionLabels'
  /** A namespace or workload whose label asks for a revision or tag that no webhook serves. */
  | 'UnservedRevision';

/** What a finding is about. */
export interface InspectedObject {
  readonly kind: string;
  /** Empty for a cluster-scoped object. */
  readonly namespace: string;
  readonly name: string;
}

/** One thing to settle, or to know, beforehand. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: FindingSeverity;
  /** What it stands in the way of; none for a warning. */
  readonly blocks: readonly InspectionPurpose[];
  readonly object: InspectedObject;
  /** One sentence for a person. */
  readonly message: string;
  /** The command that settles it, else what to do in words; empty when that depends on what was meant. */
  readonly remedy: string;
}

/** One istiod Deployment. */
export interface ControlPlaneInspection {
  readonly revision: string;
  /** The revision tags that stand for it. */
  readonly tags: readonly string[];
  readonly namespace: string;
  readonly name: string;
  /** The versions that its pods run, of its template where none runs; empty when the images do not say. */
  readonly versions: readonly string[];
  readonly rollout: 'complete' | 'progressing' | 'failed';
  /** Why the rollout is not complete; empty when it is. */
  readonly rolloutMessage: string;
}

/**
 * How a proxy's version stands to its control plane's, which may be one minor version ahead, and never behind.
 *
 * @see https://istio.io/latest/docs/releases/supported-releases/#control-planedata-plane-skew
 */
export type ProxySkew =
  /** Of the same minor version. */
  | 'none'
  /** One minor version behind. */
  | 'behind'
  /** More than one minor version behind. */
  | 'tooOld'
  /** Of a later minor version. */
  | 'ahead'
  /** Either version is not known, or there is no such control plane. */
  | 'unknown';

/** The running proxies of one revision and version. */
export interface ProxyGroup {
  readonly revision: string;
  /** Empty when their image does not say. */
  readonly version: string;
  readonly skew: ProxySkew;
  /** How many there are. */
  readonly pods: number;
  /** How many of them have an image of their own choice, by `sidecar.istio.io/proxyImage`. */
  readonly customImages: number;
  readonly workloads: readonly (InspectedObject & { readonly pods: number })[];
}

/** The step of one running version of a control plane to the version that was asked about. */
export interface UpgradeStep {
  readonly revision: string;
  readonly from: string;
  readonly to: string;
  readonly allowed: boolean;
  /** Why it is not allowed; empty when it is. */
  readonly message: string;
}

/** An object of Istio's API groups. */
export interface InspectedResource extends InspectedObject {
  readonly group: string;
  /** Whether it is no part of the installation, so that an uninstall would delete it together with its CRD. */
  readonly foreign: boolean;
}

/** A namespace and its place in the mesh. */
export interface NamespaceInspection {
  readonly name: string;
  /** The revision that injects its pods where they do not say otherwise; empty when none does. */
  readonly injectedBy: string;
  /** The mutual TLS that its sidecars ask for, where no policy for workloads says otherwise. */
  readonly mutualTls: MutualTlsMode;
  /** Which policy says so: that of the namespace, that of the mesh, or none. */
  readonly mutualTlsFrom: 'namespace' | 'mesh' | 'default';
  readonly pods: number;
  /** How many of its pods run a proxy. */
  readonly proxies: number;
}

/**
 * What is to be known of a mesh before it is upgraded or uninstalled; plain data, ready for JSON. Its shape is a
 * contract, which docs/check.schema.json states as a JSON schema.
 */
export interface MeshInspection {
  /** Grows when the shape changes in a way that readers notice. */
  readonly schemaVersion: 1;
  /** The name of the kubeconfig's context. */
  readonly cluster: string;
  /** By the API server's clock, in RFC 3339. */
  readonly generatedAt: string;
  /** What it was made for. */
  readonly purposes: readonly InspectionPurpose[];
  /** The version that was asked about, if one was. */
  readonly target?: string;
  readonly summary: {
    readonly controlPlanes: number;
    readonly proxies: number;
    readonly errors: number;
    readonly warnings: number;
  };
  readonly controlPlanes: readonly ControlPlaneInspection[];
  readonly proxies: readonly ProxyGroup[];
  /** Empty unless a version was asked about. */
  readonly steps: readonly UpgradeStep[];
  readonly resources: readonly InspectedResource[];
  readonly namespaces: readonly NamespaceInspection[];
  /** Errors before warnings. */
  readonly findings: readonly Finding[];
}
