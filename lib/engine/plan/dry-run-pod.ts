import type { PodIdentity } from '../kinds/rollable-owner';
import type { Workload } from '../snapshot/snapshot';

/**
 * A further pod of the workload as its controller would create it: what the injector is asked about.
 * Names, owner and labels matter, since Istio derives the proxy's metadata from them.
 */
export function dryRunPod(workload: Workload): object {
  const { template } = workload;
  const identity = identityOf(workload);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: workload.namespace,
      ...(identity.owner ? { generateName: identity.generateName } : { name: `${identity.generateName}dry-run` }),
      labels: { ...template.metadata?.labels, ...identity.labels },
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
    spec: { ...template.spec, volumes: [...(template.spec.volumes ?? []), ...identity.volumes] },
  };
}

function identityOf(workload: Workload): PodIdentity {
  return workload.type === 'rollable'
    ? workload.owner.identity(workload.object, workload.replicaSets)
    : workload.identity;
}
