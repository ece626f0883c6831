import { shellCommand } from '../cluster/shell-command';
import type { PodTemplate, StringMap } from '../cluster/objects';
import { containsProxy, hasRecord, sidecarOf } from '../injector/sidecar';
import { originalTemplate } from '../snapshot/original-template';
import type { Workload } from '../snapshot/snapshot';
import { REVISION_LABEL } from '../istio/injection-labels';

/** Marks Deployments that istiod creates for gateways. Their templates contain the proxy, and istiod updates them. */
export const MANAGED_GATEWAY = 'gateway.istio.io/managed';
const ISTIO_IMAGE = /(?:^|\/)proxyv2(?:[:@-]|$)/;

/** Whether the sidecar is in the pod template, as with `istioctl kube-inject`, instead of being injected. */
export function isInTemplate(workload: Workload): boolean {
  const { template, templateSource } = workload;
  if (
    templateSource !== 'owner' ||
    template.metadata?.labels?.[MANAGED_GATEWAY] !== undefined ||
    hasOverlay(workload)
  ) {
    return false;
  }
  const sidecar = sidecarOf({ metadata: template.metadata ?? {}, spec: template.spec });
  const image = sidecar?.containers['istio-proxy']?.fields.image;
  return typeof image === 'string' && ISTIO_IMAGE.test(image);
}

/**
 * Whether the container istio-proxy in the template is an overlay, which the injector completes: the pods have the
 * record of injection, but the template does not.
 *
 * @see https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#customizing-injection
 */
export function hasOverlay({ template, pods }: Pick<Workload, 'template' | 'pods'>): boolean {
  return (
    containsProxy(template) && !hasRecord(template.metadata?.annotations) && pods.some(({ isInjected }) => isInjected)
  );
}

/** The command that writes the injector's current sidecar into the workload's manifest. */
export function injectionCommand({ namespace, name }: Pick<Workload, 'namespace' | 'name'>): string {
  return [
    shellCommand('istioctl', 'kube-inject', '-f', `MANIFEST-OF-${name}.yaml`),
    shellCommand('kubectl', '-n', namespace, 'apply', '-f', '-'),
  ].join(' | ');
}

/** The command that edits the workload's template, or shows the workload if its template cannot be edited. */
export function templateCommand(workload: Workload): string {
  const { namespace, kind, name } = workload;
  const title = `${kind.toLowerCase()}/${name}`;
  return workload.type === 'rollable' && workload.object.spec.template !== undefined
    ? shellCommand('kubectl', '-n', namespace, 'edit', title)
    : shellCommand('kubectl', '-n', namespace, 'get', title, '-o', 'yaml');
}

/** The template without its sidecar, changed so that the injector adds one. */
export function askingTemplate({ metadata = {}, spec }: PodTemplate): PodTemplate {
  const { labels = {}, annotations = {} } = metadata;
  const sidecar = sidecarOf({ metadata: { annotations }, spec });
  const revision: StringMap =
    sidecar && !['', 'default'].includes(sidecar.revision) ? { [REVISION_LABEL]: sidecar.revision } : {};
  const stripped = originalTemplate({ metadata: { name: '', uid: '', labels, annotations }, spec });
  return {
    ...stripped,
    metadata: {
      annotations: stripped.metadata?.annotations,
      labels: { ...labels, 'sidecar.istio.io/inject': 'true', ...revision },
    },
  };
}
