import type { WebhookConfiguration } from '../cluster/objects';
import { shellCommand } from '../cluster/shell-command';
import { INJECTION_LABEL, REVISION_LABEL } from '../istio/injection-labels';
import type { Workload } from '../snapshot/snapshot';
import type { Observation } from './finding';
import { injectingRevision, servedRevisions, type LabelledNamespace } from './injection';

/** Labels that select a control plane, but have no effect. */
export function labelObservations(
  configurations: readonly WebhookConfiguration[],
  namespace: LabelledNamespace,
  workloads: readonly Workload[],
): readonly Observation[] {
  const { [INJECTION_LABEL]: injection, [REVISION_LABEL]: revision } = namespace.labels;
  if (injection !== undefined && revision !== undefined) {
    return conflict(configurations, namespace, injection, revision);
  }
  if (revision !== undefined || injection === 'enabled') {
    return unservedNamespace(configurations, namespace);
  }
  return injection === undefined
    ? workloads.flatMap((workload) => unservedWorkload(configurations, namespace, workload))
    : [];
}

function conflict(
  configurations: readonly WebhookConfiguration[],
  namespace: LabelledNamespace,
  injection: string,
  revision: string,
): Observation[] {
  const { name } = namespace;
  const labels = Object.fromEntries(Object.entries(namespace.labels).filter(([label]) => label !== INJECTION_LABEL));
  const chosen = injectingRevision(configurations, namespace);
  const asked = injectingRevision(configurations, { name, labels });
  if (chosen === asked && chosen !== '') {
    return [];
  }
  const inForce = chosen === '' ? 'so nothing injects its pods' : `so revision ${chosen} injects its pods`;
  return [
    {
      code: 'ConflictingInjectionLabels',
      object: { kind: 'Namespace', namespace: '', name },
      message: `Namespace ${name} has both labels ${INJECTION_LABEL}=${injection} and ${REVISION_LABEL}=${revision}; the latter has no effect, ${inForce}`,
      remedy: shellCommand('kubectl', 'label', 'namespace', name, `${REVISION_LABEL}-`),
    },
  ];
}

function unservedNamespace(
  configurations: readonly WebhookConfiguration[],
  namespace: LabelledNamespace,
): Observation[] {
  const { name, labels } = namespace;
  if (injectingRevision(configurations, namespace) !== '') {
    return [];
  }
  const revision = labels[REVISION_LABEL];
  const label = revision === undefined ? `${INJECTION_LABEL}=enabled` : `${REVISION_LABEL}=${revision}`;
  const served = servedRevisions(configurations);
  const [only] = served.length === 1 ? served : [];
  return [
    {
      code: 'UnservedRevision',
      object: { kind: 'Namespace', namespace: '', name },
      message: `Namespace ${name} has the label ${label}, which no injection webhook serves, so its pods get no sidecar when they are restarted; ${thereAre(served)}`,
      remedy:
        only === undefined
          ? ''
          : shellCommand(
              'kubectl',
              'label',
              'namespace',
              name,
              ...(revision === undefined ? [`${INJECTION_LABEL}-`] : []),
              `${REVISION_LABEL}=${only}`,
              '--overwrite',
            ),
    },
  ];
}

function unservedWorkload(
  configurations: readonly WebhookConfiguration[],
  namespace: LabelledNamespace,
  { kind, namespace: place, name, template }: Workload,
): Observation[] {
  const labels = template.metadata?.labels ?? {};
  const revision = labels[REVISION_LABEL];
  if (
    revision === undefined ||
    labels['sidecar.istio.io/inject'] === 'false' ||
    injectingRevision(configurations, namespace, labels) !== ''
  ) {
    return [];
  }
  return [
    {
      code: 'UnservedRevision',
      object: { kind, namespace: place, name },
      message: `The pods of ${kind} ${place}/${name} have the label ${REVISION_LABEL}=${revision}, which no injection webhook serves, so they get no sidecar when they are restarted; ${thereAre(servedRevisions(configurations))}`,
      remedy: '',
    },
  ];
}

function thereAre(served: readonly string[]): string {
  return served.length === 0 ? 'the cluster has no injection webhook' : `injection webhooks serve ${served.join(', ')}`;
}
