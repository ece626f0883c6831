import { dryRunPod } from '../../../lib/engine/plan/dry-run-pod';
import type { ObjectMeta, WorkloadObject } from '../../../lib/engine/cluster/objects';
import { deployment as deploymentOwner } from '../../../lib/engine/kinds/deployment';
import { statefulSet as statefulSetOwner } from '../../../lib/engine/kinds/stateful-set';
import { pod as podKind } from '../../../lib/engine/kinds/pod';
import type { RollableKind } from '../../../lib/engine/kinds/workload-kind';
import { restartSettings } from '../../../lib/engine/snapshot/restart-annotations';
import type { RollableWorkload, UnrollableWorkload } from '../../../lib/engine/snapshot/snapshot';
import { deployment, statefulSet, type ClusterObject } from '../cluster-builder';

const template = {
  labels: { app: 'cart' },
  annotations: { note: 'a' },
  spec: { volumes: [{ name: 'config', configMap: { name: 'cart' } }] },
};

function rollable(owner: RollableKind, object: ClusterObject, replicaSets: ObjectMeta[] = []): RollableWorkload {
  const { name, namespace = '' } = object.metadata;
  const reference = { apiVersion: owner.apiVersion, kind: owner.kind, uid: object.metadata.uid };
  const base = {
    type: 'rollable',
    id: object.metadata.uid,
    reference,
    labels: {},
    namespace,
    kind: owner.kind,
    name,
    pods: [],
    settings: restartSettings(),
  } as const;
  const workload = object as ClusterObject & WorkloadObject;
  const template = workload.spec.template ?? { spec: { containers: [] } };
  return { ...base, template, templateSource: 'owner', owner, object: workload, replicaSets };
}

const reference = (kind: string, name: string, uid: string) => ({
  apiVersion: 'apps/v1',
  kind,
  name,
  uid,
  controller: true,
});
const containers = [{ name: 'app', image: 'app' }];

describe('dryRunPod', () => {
  test('is a further pod of the newest ReplicaSet of a Deployment', () => {
    const [object, set] = deployment('cart', { template }) as [ClusterObject, ClusterObject];
    expect(dryRunPod(rollable(deploymentOwner, object, [set.metadata]))).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        namespace: 'shop',
        generateName: 'cart-1-',
        labels: { app: 'cart', 'pod-template-hash': '1' },
        annotations: { note: 'a' },
        ownerReferences: [reference('ReplicaSet', 'cart-1', set.metadata.uid)],
      },
      spec: { containers, volumes: template.spec.volumes },
    });
  });

  test('is the first pod of a StatefulSet, with its claims', () => {
    const spec = { volumeClaimTemplates: [{ metadata: { name: 'data' } }] };
    const [object] = statefulSet('db', { template, spec }) as [ClusterObject];
    expect(dryRunPod(rollable(statefulSetOwner, object))).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        namespace: 'shop',
        generateName: 'db-',
        labels: {
          app: 'cart',
          'apps.kubernetes.io/pod-index': '0',
          'controller-revision-hash': 'db-1',
          'statefulset.kubernetes.io/pod-name': 'db-0',
        },
        annotations: { note: 'a' },
        ownerReferences: [reference('StatefulSet', 'db', object.metadata.uid)],
      },
      spec: {
        containers,
        volumes: [...template.spec.volumes, { name: 'data', persistentVolumeClaim: { claimName: 'data-db-0' } }],
      },
    });
  });

  test('has the volume of a claim in the place of one of the template with its name', () => {
    const [db] = statefulSet('db', {
      template,
      spec: { volumeClaimTemplates: [{ metadata: { name: 'config' } }] },
    }) as [ClusterObject];
    expect(dryRunPod(rollable(statefulSetOwner, db)).spec.volumes).toEqual([
      { name: 'config', persistentVolumeClaim: { claimName: 'config-db-0' } },
    ]);
  });

  test('is a pod of another name beside a Pod without a controller', () => {
    const workload: UnrollableWorkload = {
      type: 'unrollable',
      id: 'uid',
      namespace: 'shop',
      kind: 'Pod',
      name: 'alone',
      pods: [],
      reference: { apiVersion: 'v1', kind: 'Pod', uid: 'uid' },
      labels: {},
      settings: restartSettings(),
      owner: podKind,
      template: { metadata: { labels: { app: 'alone' } }, spec: { containers } },
      templateSource: 'pod',
      identity: { generateName: 'alone-', labels: {}, owner: undefined, volumes: [] },
    };
    expect(dryRunPod(workload)).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        namespace: 'shop',
        name: 'alone-dry-run',
        labels: { app: 'alone' },
        annotations: {},
        ownerReferences: [],
      },
      spec: { containers, volumes: [] },
    });
  });
});
