import type { KubeObject, ObjectReference } from '../control-plane/kube-client';

/** The namespace of workloads that name no other one. */
export const OWNERS_NAMESPACE = 'owners';

const container = { name: 'app', image: 'registry.k8s.io/pause:3.10' };

export interface WorkloadOptions {
  /** @default 'owners' */
  readonly namespace?: string;
  /** Fields of its spec besides selector and template. */
  readonly spec?: object;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly templateAnnotations?: Readonly<Record<string, string>>;
  /** Labels of its pods besides `app`. */
  readonly templateLabels?: Readonly<Record<string, string>>;
  readonly podSpec?: object;
}

/** A workload of this kind, whose pods have the label `app` with its name. */
export function workload(
  apiVersion: string,
  kind: string,
  name: string,
  options: WorkloadOptions = {},
): ObjectReference & { readonly spec: object } {
  const { namespace = OWNERS_NAMESPACE, spec, annotations = {}, templateAnnotations = {}, podSpec } = options;
  const metadata = { name, namespace, annotations };
  const template = podTemplate(name, templateAnnotations, podSpec, options.templateLabels);
  return { apiVersion, kind, metadata, spec: { selector: { matchLabels: { app: name } }, template, ...spec } };
}

/** Adds the owner reference of a controller to an object. */
export function controlledBy<T extends ObjectReference>({ apiVersion, kind, metadata }: KubeObject, object: T): T {
  const owner = { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true };
  return { ...object, metadata: { ...object.metadata, ownerReferences: [owner] } };
}

export function deployment(name: string, options: WorkloadOptions = {}): ReturnType<typeof workload> {
  return workload('apps/v1', 'Deployment', name, options);
}

/** A pod that nothing controls. */
export function pod(
  name: string,
  { namespace = OWNERS_NAMESPACE, podSpec, annotations = {}, templateLabels = {} }: WorkloadOptions = {},
): ObjectReference & { readonly spec: object } {
  const metadata = { name, namespace, labels: { app: name, ...templateLabels }, annotations };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: podTemplate(name, {}, podSpec).spec };
}

/** A template of one container that does nothing. */
export function podTemplate(
  app: string,
  annotations: Readonly<Record<string, string>>,
  podSpec: object = {},
  labels: Readonly<Record<string, string>> = {},
) {
  return { metadata: { labels: { app, ...labels }, annotations }, spec: { containers: [container], ...podSpec } };
}
