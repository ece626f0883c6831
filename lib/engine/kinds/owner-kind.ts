import { own } from '../cluster/own';
import type { OwnerReference } from '../cluster/objects';

/** The groups of the kinds that the engine treats by rules of their own. */
const GROUPS: Readonly<Record<string, string>> = {
  Deployment: 'apps',
  StatefulSet: 'apps',
  DaemonSet: 'apps',
  ReplicaSet: 'apps',
  Rollout: 'argoproj.io',
  Job: 'batch',
  ReplicationController: '',
  Pod: '',
  Node: '',
};

/**
 * The owner's kind, with its group where another group has a kind of the same name: `StatefulSet` is that of Kubernetes,
 * `StatefulSet.apps.kruise.io` is not.
 */
export function ownerKind({ apiVersion, kind }: Pick<OwnerReference, 'apiVersion' | 'kind'>): string {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return own(GROUPS, kind) === undefined || own(GROUPS, kind) === group ? kind : `${kind}.${group}`;
}
