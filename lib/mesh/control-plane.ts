import type { ApiObject, Helm } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { ExportDefaults } from './installation/export-defaults';
import type { ExtensionProvider } from './telemetry/extension-provider';

/** The properties of a control plane on which the order of objects and the checks between objects depend. */
export interface ControlPlane {
  readonly module: IConstruct;

  /** The namespace that istiod runs in. */
  readonly namespace: string;

  /** The root namespace of the mesh. */
  readonly rootNamespace: string;

  /** Istio's version, if it is known. */
  readonly version?: string;

  /** Whether pods need Istio's CNI node agent instead of an init container, if that is known. */
  readonly cni?: boolean;

  /** Whether sidecars answer DNS queries by default, if that is known. */
  readonly dnsCapture?: boolean;

  /** The providers that the mesh configuration defines, besides those that every Istio has; undefined if unknown. */
  readonly extensionProviders?: readonly ExtensionProvider[];

  /** To which namespaces the mesh exports objects without `exportTo`, if that is known. */
  readonly exportDefaults?: ExportDefaults;

  /** The revisions and tags for which it injects sidecars. */
  readonly revisions: readonly string[];

  /** The rendered gateways that are installed with it, by name, if they are known. */
  readonly gateways?: ReadonlyMap<string, Helm>;

  /** The parts of the control plane, which cannot wait for the control plane itself. */
  readonly parts: readonly IConstruct[];

  /** The objects that must be applied and ready before anything that needs the webhooks. */
  readonly ready: readonly ApiObject[];
}

/** Finds the control planes of an app. */
export interface ControlPlanes {
  /** The control planes nearest to a construct: those below its closest ancestor that contains one. */
  controlPlanesOf(construct: IConstruct): readonly ControlPlane[];
}
