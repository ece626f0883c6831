import { parseSelector } from '../../../lib/engine/cluster/label-selector';
import type { Pod } from '../../../lib/engine/cluster/objects';
import { refusal } from '../fake-api-server';
import {
  argoRollout,
  daemonSet,
  deployment,
  IMAGE,
  injected,
  meshNamespace,
  namespace,
  OLD_IMAGE,
  OUT_OF_DATE,
  owner,
  ownerOf,
  pod,
  replicaSet,
  statefulSet,
  type ClusterObject,
} from '../cluster-builder';
import { decisionOn, ONE, planOf, SHOP } from '../plan-of-cluster';

const cronJob = { apiVersion: 'batch/v1', kind: 'CronJob', name: 'report', uid: 'uid-cron', controller: true };
const cloneSet = {
  apiVersion: 'apps.kruise.io/v1alpha1',
  kind: 'CloneSet',
  name: 'cart',
  uid: 'uid-clone-set',
  controller: true,
};
const node = { apiVersion: 'v1', kind: 'Node', name: 'node-1', uid: 'uid-node', controller: true };

describe('a workload that is out of date', () => {
  test.each([
    ['Deployment', deployment('cart')],
    ['StatefulSet', statefulSet('cart')],
    ['DaemonSet', daemonSet('cart')],
    ['Rollout', argoRollout('cart')],
  ])('is restarted if it is a %s', async (kind, objects) => {
    expect(await planOf([SHOP, ...objects])).toEqual([
      {
        namespace: 'shop',
        kind,
        name: 'cart',
        decision: 'restart',
        reason: 'OutOfDate',
        message: ONE,
        remedy: '',
        pods: [expect.stringMatching(/^cart-(1-)?0$/)],
        differences: [
          { path: 'istio-init.image', old: OLD_IMAGE, new: IMAGE },
          { path: 'istio-proxy.image', old: OLD_IMAGE, new: IMAGE },
        ],
        interruption: expect.objectContaining({ expected: true }) as object,
      },
    ]);
  });

  test.each([
    [
      'Job',
      owner('batch/v1', 'Job', 'import'),
      'JobOwned',
      'a Job cannot be restarted, only run again from its start',
      `kubectl -n shop get job import -o json | jq 'del(.spec.selector, .spec.template.metadata.labels["controller-uid", "batch.kubernetes.io/controller-uid"])' | kubectl replace --force -f -`,
    ],
    [
      'Job of a CronJob',
      owner('batch/v1', 'Job', 'report-1', { owner: cronJob }),
      'JobOwned',
      'a Job cannot be restarted; the next run of CronJob report starts with up-to-date pods',
      'kubectl -n shop create job --from=cronjob/report report-1-again',
    ],
    [
      'ReplicaSet without a Deployment',
      replicaSet('bare'),
      'BareReplicaSet',
      'a ReplicaSet without a Deployment replaces pods only when they are deleted',
      'kubectl -n shop delete pod bare-0',
    ],
    [
      'ReplicationController',
      owner('v1', 'ReplicationController', 'old'),
      'ReplicationController',
      'a ReplicationController replaces pods only when they are deleted',
      'kubectl -n shop delete pod old-0',
    ],
    [
      'Pod without a controller',
      [pod('alone', { proxy: OLD_IMAGE })],
      'BarePod',
      'a Pod without a controller is not created again when it is deleted',
      'kubectl -n shop replace --force -f MANIFEST-OF-alone.yaml',
    ],
    [
      'static Pod',
      [
        pod('proxy-node-1', {
          proxy: OLD_IMAGE,
          owner: node,
          annotations: { 'kubernetes.io/config.mirror': 'abc', 'kubernetes.io/config.source': 'file' },
        }),
      ],
      'StaticPod',
      'a static Pod is created by the kubelet of its node, and webhooks cannot inject it',
      'kubectl -n shop get pod proxy-node-1 -o wide',
    ],
    [
      'ReplicaSet of an unknown controller',
      replicaSet('cart-1', { owner: cloneSet }),
      'UnknownController',
      'the engine does not know how CloneSet replaces its pods',
      'kubectl -n shop delete pod cart-1-0',
    ],
    [
      'Pod of an unknown controller',
      owner('kafka.strimzi.io/v1', 'StrimziPodSet', 'kafka'),
      'UnknownController',
      'the engine does not know how StrimziPodSet replaces its pods',
      'kubectl -n shop delete pod kafka-0',
    ],
    [
      'StatefulSet of another API group',
      owner('apps.kruise.io/v1beta1', 'StatefulSet', 'cart'),
      'UnknownController',
      'the engine does not know how StatefulSet.apps.kruise.io replaces its pods',
      'kubectl -n shop delete pod cart-0',
    ],
    [
      'Job of another API group',
      owner('batch.volcano.sh/v1alpha1', 'Job', 'train'),
      'UnknownController',
      'the engine does not know how Job.batch.volcano.sh replaces its pods',
      'kubectl -n shop delete pod train-0',
    ],
    [
      'StatefulSet with OnDelete',
      statefulSet('db', { spec: { updateStrategy: { type: 'OnDelete' } } }),
      'OnDelete',
      'its update strategy OnDelete replaces pods only when they are deleted',
      'kubectl -n shop delete pod db-0',
    ],
    [
      'DaemonSet with OnDelete',
      daemonSet('agent', { spec: { updateStrategy: { type: 'OnDelete' } } }),
      'OnDelete',
      'its update strategy OnDelete replaces pods only when they are deleted',
      'kubectl -n shop delete pod agent-0',
    ],
    [
      'StatefulSet below its partition',
      statefulSet('db', { spec: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } } }),
      'Partitioned',
      'its pods below partition 1 are not replaced by a rolling update',
      'kubectl -n shop delete pod db-0',
    ],
    [
      'paused Deployment',
      deployment('cart', { spec: { paused: true } }),
      'Paused',
      'the Deployment is paused, so a new template would not be rolled out',
      'kubectl -n shop rollout resume deployment/cart && kubectl -n shop rollout restart deployment/cart',
    ],
  ])('is warned about if it is a %s', async (_, objects, reason, sentence, remedy) => {
    expect(await decisionOn([SHOP, ...objects])).toEqual({
      decision: 'warn',
      reason,
      message: `${ONE}; ${sentence}`,
      remedy,
    });
  });

  test('is restarted if only a part of its pods is below the partition', async () => {
    const spec = { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } };
    const objects = statefulSet('db', { spec, proxies: [OLD_IMAGE, OLD_IMAGE] });
    expect(await decisionOn([SHOP, ...objects])).toMatchObject({ decision: 'restart', reason: 'OutOfDate' });
  });

  test('is restarted though only one of its pods is out of date', async () => {
    const [plan] = await planOf([SHOP, ...deployment('cart', { proxies: [IMAGE, OLD_IMAGE] })]);
    expect(plan).toMatchObject({
      decision: 'restart',
      message: `1 of 2 pods out of date ${OUT_OF_DATE}`,
      pods: ['cart-1-1'],
    });
  });

  test('has its pods named in their order, whatever the order of the list', async () => {
    const [object, set, ...pods] = deployment('cart', { proxies: [OLD_IMAGE, IMAGE, OLD_IMAGE] }) as [
      ClusterObject,
      ClusterObject,
      ...ClusterObject[],
    ];
    const [plan] = await planOf([SHOP, object, set, ...pods.reverse()]);
    expect(plan?.pods).toEqual(['cart-1-0', 'cart-1-2']);
  });

  test('is distinguished from a workload of the same name and kind in another API group', async () => {
    const kruise = {
      apiVersion: 'apps.kruise.io/v1',
      kind: 'StatefulSet',
      name: 'cart',
      uid: 'uid-k',
      controller: true,
    };
    const plan = await planOf([
      SHOP,
      ...statefulSet('cart', { proxies: [IMAGE] }),
      pod('cart-kruise', { owner: kruise, proxy: OLD_IMAGE }),
    ]);
    expect(plan.map(({ kind, decision }) => [kind, decision])).toEqual([
      ['StatefulSet.apps.kruise.io', 'warn'],
      ['StatefulSet', 'current'],
    ]);
  });
});

test('owners of one kind and name in two API groups that the engine does not know are distinguished', async () => {
  const database = (group: string, name: string, labels: Record<string, string>, proxy: string | undefined) => {
    const controller = {
      apiVersion: `${group}/v1`,
      kind: 'Cluster',
      name: 'db',
      uid: `uid-${group}`,
      controller: true,
    };
    return pod(name, { owner: controller, labels, proxy });
  };
  const plan = await planOf([
    SHOP,
    database('example.com', 'db-a', { 'sidecar.istio.io/inject': 'false' }, undefined),
    database('example.org', 'db-b', {}, IMAGE),
  ]);
  expect(plan.map(({ kind, decision }) => [kind, decision])).toEqual([['Cluster', 'current']]);
});

describe('a workload that is up to date', () => {
  test.each([
    ['Deployment', deployment('cart', { proxies: [IMAGE, IMAGE] })],
    ['StatefulSet', statefulSet('cart', { proxies: [IMAGE] })],
    ['DaemonSet', daemonSet('cart', { proxies: [IMAGE] })],
    ['Job', owner('batch/v1', 'Job', 'cart', { proxies: [IMAGE] })],
    ['Pod', [pod('cart', { proxy: IMAGE })]],
    ['paused Deployment', deployment('cart', { proxies: [IMAGE], spec: { paused: true } })],
  ])('is left alone if it is a %s', async (_, objects) => {
    expect(await decisionOn([SHOP, ...objects])).toEqual({
      decision: 'current',
      reason: 'UpToDate',
      message: 'its sidecars match what the injector adds today',
      remedy: '',
    });
  });

  test.each(['ISTIO_META_WORKLOAD_NAME', 'ISTIO_META_OWNER', 'ISTIO_KUBE_APP_PROBERS', 'ISTIO_PROMETHEUS_ANNOTATIONS'])(
    'is up to date although %s, which Istio derives from the original pod, differs in the copy of a Pod',
    async (variable) => {
      const alone = pod('alone', { proxy: IMAGE });
      const spec = alone.spec as { containers: { name: string }[] };
      const withVariable = {
        ...alone,
        spec: {
          ...spec,
          containers: spec.containers.map((one) =>
            one.name === 'istio-proxy' ? { ...one, env: [{ name: variable, value: 'alone' }] } : { ...one, env: [] },
          ),
        },
      };
      const found = await planOf([SHOP, withVariable], {
        inject: (asked) => {
          const given = injected(asked, IMAGE);
          return {
            ...given,
            spec: {
              ...given.spec,
              containers: given.spec.containers.map((one) => (one.name === 'istio-proxy' ? { ...one, env: [] } : one)),
            },
          };
        },
      });
      expect(found).toMatchObject([{ decision: 'current', differences: [] }]);
    },
  );

  test.each(['Succeeded', 'Failed'])('is up to date although a pod of it that has %s is not', async (phase) => {
    const job = owner('batch/v1', 'Job', 'import', { proxies: [] }) as [ClusterObject];
    expect(await planOf([SHOP, ...job, pod('import-0', { owner: ownerOf(job[0]), proxy: OLD_IMAGE, phase })])).toEqual(
      [],
    );
  });

  test('is not mentioned if it neither has a sidecar nor gets one', async () => {
    expect(await planOf([namespace('shop'), ...deployment('cart', { proxies: [undefined] })])).toEqual([]);
  });
});

describe('a workload that is left alone on purpose', () => {
  const custom = { 'sidecar.istio.io/proxyImage': 'example/my-proxy:1' };
  const disabled = { 'istio-module/restart': 'disabled' };

  test('has an image of its own in its template', async () => {
    expect(await decisionOn([SHOP, ...deployment('cart', { template: { annotations: custom } })])).toEqual({
      decision: 'skip',
      reason: 'CustomProxyImage',
      message: 'left alone: the annotation sidecar.istio.io/proxyImage sets a custom image for its sidecar',
      remedy: '',
    });
  });

  test('has an image of its own in a pod', async () => {
    const [object, set] = deployment('cart', { proxies: [] }) as [ClusterObject, ClusterObject];
    const objects = [object, set, pod('cart-1-0', { owner: ownerOf(set), proxy: OLD_IMAGE, annotations: custom })];
    expect(await decisionOn([SHOP, ...objects])).toMatchObject({ decision: 'skip', reason: 'CustomProxyImage' });
  });

  test.each([
    ['Deployment', deployment('cart', { annotations: disabled })],
    ['ReplicaSet without a Deployment', replicaSet('cart', { annotations: disabled })],
    ['Job', owner('batch/v1', 'Job', 'cart', { annotations: disabled })],
    ['ReplicationController', owner('v1', 'ReplicationController', 'cart', { annotations: disabled })],
    ['Pod without a controller', [pod('cart', { proxy: OLD_IMAGE, annotations: disabled })]],
  ])('is an annotated %s', async (_, objects) => {
    expect(await decisionOn([SHOP, ...objects])).toEqual({
      decision: 'skip',
      reason: 'Excluded',
      message: 'left alone: it is annotated istio-module/restart: disabled',
      remedy: '',
    });
  });

  test('is in an annotated namespace, and the injector is not asked', async () => {
    const inject = jest.fn();
    expect(await decisionOn([meshNamespace('shop', disabled), ...deployment('cart')], { inject })).toEqual({
      decision: 'skip',
      reason: 'Excluded',
      message: 'left alone: its namespace is annotated istio-module/restart: disabled',
      remedy: '',
    });
    expect(inject).not.toHaveBeenCalled();
  });

  test('is outside the chosen namespaces', async () => {
    const objects = [
      SHOP,
      meshNamespace('bank'),
      ...deployment('cart'),
      ...deployment('account', { namespace: 'bank' }),
    ];
    const plan = await planOf(objects, { namespaces: ['shop'] });
    expect(plan.map(({ name, decision, message }) => [name, decision, message])).toEqual([
      ['account', 'skip', 'left alone: namespace bank is not selected'],
      ['cart', 'restart', ONE],
    ]);
  });

  test('is left out by the selector, by the labels of its own object', async () => {
    const labels = { tier: 'front' };
    const objects = [
      SHOP,
      ...deployment('cart', { labels }),
      ...deployment('db', { template: { labels } }),
      ...owner('v1', 'ReplicationController', 'old', { labels }),
      ...deployment('opted-out', { annotations: { 'istio-module/restart': 'disabled' } }),
      pod('clones-0', { labels, owner: cloneSet, proxy: OLD_IMAGE }),
      pod('bare', { proxy: OLD_IMAGE }),
    ];
    const inject = jest.fn((one: Pod) => injected(one, IMAGE));
    const plan = await planOf(objects, { selector: parseSelector('tier=front'), inject });
    const excluded = ['skip', 'left alone: its labels do not match the selector tier=front', false];
    expect(plan.map(({ name, decision, message, selected }) => [name, decision, message, selected])).toEqual([
      ['cart', 'warn', expect.stringMatching(/^1 of 1 pod out of date/), undefined],
      ['cart', 'restart', ONE, undefined],
      ['db', ...excluded],
      ['opted-out', ...excluded],
      ['bare', ...excluded],
      ['old', 'warn', expect.stringMatching(/^1 of 1 pod out of date/), undefined],
    ]);
    expect(inject).toHaveBeenCalledTimes(3);
  });

  test('is left alone even if its pods would be refused', async () => {
    const inject = () => refusal(403, 'Forbidden', 'exceeded quota');
    const objects = [SHOP, ...deployment('cart', { annotations: disabled })];
    expect(await decisionOn(objects, { inject })).toMatchObject({ decision: 'skip', reason: 'Excluded' });
  });
});
