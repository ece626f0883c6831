import type { ApiObject, Helm } from 'cdk8s';
import type { IConstruct } from 'constructs';

/** A control plane, as far as order goes. */
export interface ControlPlane {
  readonly module: IConstruct;

  /** The namespace that istiod runs in. */
  readonly namespace: string;

  /** The root namespace of the mesh. */
  readonly rootNamespace: string;

  /** Istio's version, where it is known. */
  readonly version?: string;

  /** Whether pods need Istio's CNI node agent instead of an init container, where it is known. */
  readonly cni?: boolean;

  /** The revisions and tags that it injects for. */
  readonly revisions: readonly string[];

  /** The rendered gateways that come with it, by name, where that is known. */
  readonly gateways?: ReadonlyMap<string, Helm>;

  /** What the control plane consists of: none of it can wait for itself. */
  readonly parts: readonly IConstruct[];

  /** What must have been applied, and be ready, before anything that needs the webhooks. */
  readonly ready: readonly ApiObject[];
}

/** Knows the control planes of an app. */
export interface ControlPlanes {
  /** The control planes nearest to a construct: those below its closest ancestor that has any. */
  controlPlanesOf(construct: IConstruct): readonly ControlPlane[];
}
