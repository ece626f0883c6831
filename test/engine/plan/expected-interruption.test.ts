import type { Container } from '../../../lib/engine/cluster/objects';
import {
  daemonSet,
  deployment,
  IMAGE,
  injected,
  OLD_IMAGE,
  replicaSet,
  statefulSet,
  type ClusterObject,
  type WorkloadOptions,
} from '../cluster-builder';
import { injectedNative, nativePod } from '../fake-kubelet';
import { planOf, SHOP, type PlanningOptions } from '../plan-of-cluster';

const preStop = { sleep: { seconds: 5 } };
const SERVING = { name: 'app', image: 'app', readinessProbe: { httpGet: {} }, lifecycle: { preStop } };

/** Pods of these containers. */
const of = (...containers: readonly Container[]): WorkloadOptions => ({ template: { spec: { containers } } });
const withApp = (container: Partial<Container>) => of({ ...SERVING, ...container });

/** The reasons of the only workload. */
async function reasonsOf(objects: readonly ClusterObject[], options?: PlanningOptions) {
  const plan = await planOf([SHOP, ...objects], options);
  expect(plan).toHaveLength(1);
  const interruption = plan[0]?.interruption;
  const codes = interruption?.reasons.map(({ code }) => code) ?? [];
  // An interruption is expected exactly if there are reasons.
  expect(interruption?.expected ?? false).toBe(codes.length > 0);
  return codes;
}

describe('the interruption that a plan expects', () => {
  test('is none where pods are ready before others go, and serve until clients know', async () => {
    const [planned] = await planOf([SHOP, ...deployment('cart', of(SERVING))]);
    expect(planned).toMatchObject({ decision: 'restart', interruption: { expected: false, reasons: [] } });
  });

  test.each<[string, readonly ClusterObject[], readonly string[]]>([
    ['the strategy', deployment('cart', { ...of(SERVING), spec: { strategy: { type: 'Recreate' } } }), ['Recreate']],
    ['the only replica of a StatefulSet', statefulSet('db', of(SERVING)), ['SingleReplica']],
    ['a DaemonSet', daemonSet('agent', of(SERVING)), ['OnePerNode']],
    ['a port of the node', deployment('cart', withApp({ ports: [{ containerPort: 80, hostPort: 80 }] })), ['HostPort']],
    ['no readiness probe', deployment('cart', withApp({ readinessProbe: undefined })), ['NoReadinessProbe']],
    ['no hook', deployment('cart', withApp({ lifecycle: { postStart: {} } })), ['NoPreStop']],
    [
      'a sleep of zero seconds',
      deployment('cart', withApp({ lifecycle: { preStop: { sleep: { seconds: 0 } } } })),
      ['NoPreStop'],
    ],
    [
      'several at once',
      statefulSet('db', withApp({ readinessProbe: undefined, lifecycle: undefined })),
      ['SingleReplica', 'NoReadinessProbe', 'NoPreStop'],
    ],
  ])('has its reason: %s', async (_, objects, reasons) => {
    expect(await reasonsOf(objects)).toEqual(reasons);
  });

  test('counts a startup probe as one that keeps requests away', async () => {
    expect(await reasonsOf(deployment('cart', withApp({ readinessProbe: undefined, startupProbe: {} })))).toEqual([]);
  });

  test('looks at containers with ports alone, where there are some', async () => {
    const helper = { name: 'helper', image: 'helper' };
    const ports = [{ containerPort: 80 }];
    expect(await reasonsOf(deployment('cart', of({ ...SERVING, ports }, helper)))).toEqual([]);
    expect(await reasonsOf(deployment('cart', of(SERVING, helper)))).toEqual(['NoReadinessProbe', 'NoPreStop']);
  });

  test('asks no hook and no probe of a gateway, whose proxy drains by itself', async () => {
    const gateway = { annotations: { 'inject.istio.io/templates': 'gateway' } };
    const containers = [
      { name: 'istio-proxy', image: 'auto' },
      { name: 'helper', image: 'helper' },
    ];
    const template = { ...gateway, spec: { containers } };
    expect(await reasonsOf(deployment('ingress', { template }))).toEqual([]);
  });

  describe('with a hook that the injector merges in', () => {
    const lifecycle = { preStop };
    const bare = { ...SERVING, lifecycle: undefined };

    /** The objects, with the hook in their running pods. */
    function merged(objects: readonly ClusterObject[], only: (name: string) => boolean = () => true) {
      return objects.map((object) => {
        if (object.kind !== 'Pod' || !only(object.metadata.name)) {
          return object;
        }
        const { containers, ...spec } = object.spec as { containers: Container[] };
        const status = JSON.stringify({ containers: ['istio-proxy', 'app'], initContainers: ['istio-init'] });
        return {
          ...object,
          metadata: {
            ...object.metadata,
            annotations: { ...object.metadata.annotations, 'sidecar.istio.io/status': status },
          },
          spec: { ...spec, containers: containers.map((one) => (one.name === 'app' ? { ...one, lifecycle } : one)) },
        };
      });
    }

    test('is none, since it is in the pods that stop', async () => {
      expect(await reasonsOf(merged(deployment('cart', of(bare))))).toEqual([]);
    });

    test('is there as long as one of the pods has been made without', async () => {
      const objects = deployment('cart', { ...of(bare), proxies: [OLD_IMAGE, OLD_IMAGE] });
      expect(await reasonsOf(merged(objects, (name) => name.endsWith('0')))).toEqual(['NoPreStop']);
    });
  });

  test('is expected of an eviction only for a single pod', async () => {
    const two = { ...of(SERVING), proxies: [OLD_IMAGE, OLD_IMAGE] };
    expect(await reasonsOf(replicaSet('cart', of(SERVING)), { evict: true })).toEqual(['SingleReplica']);
    expect(await reasonsOf(replicaSet('cart', two), { evict: true })).toEqual([]);
  });

  test('is expected of an update in place only for a new image', async () => {
    const objects = [nativePod('debug')];
    const resources = { requests: { cpu: '20m', memory: '40Mi' } };
    const to = (image: string): PlanningOptions => ({
      inPlace: true,
      inject: (pod) => injectedNative(pod, { image, resources }),
    });
    expect(await reasonsOf(objects, to(IMAGE))).toEqual(['SidecarReplaced']);
    expect(await reasonsOf(objects, to(OLD_IMAGE))).toEqual([]);
    expect((await planOf([SHOP, ...objects], to(OLD_IMAGE)))[0]?.decision).toBe('update');
  });

  test('is reported only for what is restarted or updated', async () => {
    const objects = [
      ...deployment('current', { proxies: [IMAGE] }),
      ...deployment('wait', { status: { observedGeneration: 0 } }),
      ...replicaSet('warn'),
    ];
    const plan = await planOf([SHOP, ...objects], { inject: (pod) => injected(pod, IMAGE) });
    expect(plan.map(({ name, interruption }) => [name, interruption])).toEqual([
      ['current', undefined],
      ['wait', undefined],
      ['warn', undefined],
    ]);
  });
});
