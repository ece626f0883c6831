import type { PodSpec, StringMap } from '../cluster/objects';
import type { PodIdentity } from '../kinds/workload-kind';
import type { Workload } from '../snapshot/snapshot';

/** A pod for a dry run. */
export interface DryRunPod {
  readonly apiVersion: 'v1';
  readonly kind: 'Pod';
  readonly metadata: {
    readonly namespace: string;
    readonly labels: StringMap;
    readonly annotations: StringMap;
    readonly [field: string]: unknown;
  };
  readonly spec: PodSpec;
}

/**
 * A new pod of the workload, as its controller would create it, for questions to the injector. Names, owner and labels
 * matter, because Istio derives the proxy's metadata from them.
 */
export function dryRunPod(workload: Workload): DryRunPod {
  const { template } = workload;
  const identity = identityOf(workload);
  // A volume claim template replaces a volume of the same name.
  const claimed = new Set(identity.volumes.map(({ name }) => name));
  const templateVolumes = (template.spec.volumes ?? []).filter(({ name }) => !claimed.has(name));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: workload.namespace,
      ...(identity.owner ? { generateName: identity.generateName } : { name: `${identity.generateName}dry-run` }),
      labels: { ...template.metadata?.labels, ...(workload.templateSource === 'owner' ? identity.labels : {}) },
      annotations: template.metadata?.annotations ?? {},
      ownerReferences: identity.owner
        ? [
            {
              apiVersion: identity.owner.apiVersion,
              kind: identity.owner.kind,
              name: identity.owner.name,
              uid: identity.owner.uid,
              controller: true,
            },
          ]
        : [],
    },
    spec: { ...template.spec, volumes: [...templateVolumes, ...identity.volumes] },
  };
}

function identityOf(workload: Workload): PodIdentity {
  return workload.type === 'rollable'
    ? workload.owner.identity(workload.object, workload.replicaSets)
    : workload.identity;
}
