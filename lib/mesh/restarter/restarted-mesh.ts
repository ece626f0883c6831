import { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { IstioInstallation } from '../installation/istio-installation';
import { IstioModule } from '../installation/istio-module';
import { DEFAULT_REVISION } from '../installation/revisions';

/** The parts of an app that determine the sidecars of a mesh, as data for the fingerprint. */
export function meshOf(istios: readonly IstioInstallation[], root: IConstruct): readonly unknown[] {
  const installed = istios.map((istio) =>
    istio instanceof IstioModule
      ? istio.istiod.apiObjects.map(manifestOf)
      : { version: istio.version, revisions: istio.revisions },
  );
  const objects = root.node.findAll().filter((one): one is ApiObject => one instanceof ApiObject);
  return [...installed, ...objects.filter(decidesSidecars).map(manifestOf).sort()];
}

/** Whether an object determines the content or the existence of sidecars. */
export function decidesSidecars({ apiVersion, kind }: ApiObject): boolean {
  return (apiVersion === 'v1' && kind === 'Namespace') || kind === 'ProxyConfig';
}

/**
 * The injectors' Services as `NAMESPACE/NAME`: those that the webhooks call, or the default names of Istio's charts if
 * the webhooks are unknown.
 */
export function injectorServicesOf(istios: readonly IstioInstallation[]): readonly string[] {
  const names = istios.flatMap(servicesOf).map(({ namespace, name }) => `${namespace}/${name}`);
  return [...new Set(names)];
}

/** The namespaces of the control planes: their own, and those of the Services that the webhooks call. */
export function controlPlaneNamespacesOf(istios: readonly IstioInstallation[]): readonly string[] {
  const called = istios.flatMap(servicesOf).map(({ namespace }) => namespace);
  return [...new Set([...istios.map(({ namespaceName }) => namespaceName), ...called])];
}

interface ServiceReference {
  readonly namespace: string;
  readonly name: string;
}

interface Webhooks {
  readonly webhooks?: readonly { readonly clientConfig?: { readonly service?: ServiceReference } }[];
}

function servicesOf(istio: IstioInstallation): readonly ServiceReference[] {
  const rendered = istio instanceof IstioModule ? istio.istiod.apiObjects : [];
  const called = rendered
    .filter(({ kind }) => kind === 'MutatingWebhookConfiguration')
    .flatMap((object) => (object.toJson() as Webhooks).webhooks ?? [])
    .flatMap(({ clientConfig }) => clientConfig?.service ?? []);
  if (called.length > 0) return called;
  return istio.revisions.map((revision) => ({
    namespace: istio.namespaceName,
    name: revision === DEFAULT_REVISION ? 'istiod' : `istiod-${revision}`,
  }));
}

function manifestOf(object: ApiObject): string {
  return JSON.stringify(object.toJson());
}
