import type { Pod } from '../../../lib/engine/cluster/objects';
import {
  deployment,
  IMAGE,
  injected,
  namespace,
  OLD_IMAGE,
  ownerOf,
  pod,
  type ClusterObject,
  type WorkloadOptions,
} from '../cluster-builder';
import { WEBHOOK } from '../fake-mesh';
import { decisionOn, planAndRemovals, planOf, SHOP, type PlanningOptions } from '../plan-of-cluster';

const PINNED = 'registry.example/proxyv2:1.30.0';
const OVERLAY = {
  containers: [
    { name: 'app', image: 'app' },
    { name: 'istio-proxy', image: PINNED },
  ],
};

/** The pod as istiod's webhook returns it, with what its own container istio-proxy sets. */
function completed<T extends Pod>(asked: T, image = IMAGE): T {
  const made = injected(asked, image);
  const overlay = asked.spec.containers.find(({ name }) => name === 'istio-proxy');
  const containers = made.spec.containers.map((one) => (one.name === 'istio-proxy' ? { ...one, ...overlay } : one));
  return { ...made, spec: { ...made.spec, containers } };
}

/** A Deployment of this template, with one pod. */
function running(
  template: NonNullable<WorkloadOptions['template']>,
  make: (bare: ClusterObject & Pod) => ClusterObject,
): readonly ClusterObject[] {
  const objects = deployment('cart', { template, proxies: [] });
  const [, set] = objects as [ClusterObject, ClusterObject];
  const { spec, annotations } = template;
  const labels = { ...template.labels, 'pod-template-hash': '1' };
  const bare = pod('cart-1-0', { owner: ownerOf(set), labels, annotations, spec }) as ClusterObject & Pod;
  return [...objects, make(bare)];
}

describe('settings of istio-proxy in the pod template, which the injector completes', () => {
  const inject: PlanningOptions['inject'] = (asked) => completed(asked);
  const none: PlanningOptions['inject'] = (asked) => asked;
  const cart = (image: string) => running({ spec: OVERLAY }, (bare) => completed(bare, image));

  test.each([
    ['dry runs', {}],
    ['the injector alone', { dryRunsIn: [] }],
  ])('are current with an image of another version, according to %s', async (_, asked) => {
    const plan = await decisionOn([SHOP, WEBHOOK, ...cart(IMAGE)], { inject, ...asked });
    expect(plan).toMatchObject({ decision: 'current', reason: 'UpToDate' });
  });

  test('are restarted for what the injector sets', async () => {
    const [plan] = await planOf([SHOP, WEBHOOK, ...cart(OLD_IMAGE)], { inject });
    expect(plan).toMatchObject({ decision: 'restart', differences: [{ path: 'istio-init.image' }] });
  });

  test('are never restarted without an injector, since new pods could not start', async () => {
    expect(await decisionOn([namespace('shop'), ...cart(IMAGE)], { inject: none })).toEqual({
      decision: 'warn',
      reason: 'NeedsInjector',
      message:
        '1 of 1 pod has a sidecar that Istio no longer injects; its template contains only settings of istio-proxy, which the injector completes, so new pods could not start',
      remedy: 'kubectl -n shop edit deployment/cart',
    });
  });

  test('are a fault of the injector if their namespace asks for injection and they get none', async () => {
    const { removals } = await planAndRemovals([SHOP, ...cart(IMAGE)], { inject: none });
    expect(removals).toEqual(['Deployment shop/cart']);
  });
});

describe('a sidecar that is written in the pod template', () => {
  const { metadata, spec } = injected(pod('x') as Pod, OLD_IMAGE);
  const off = { 'sidecar.istio.io/inject': 'false' };
  const kubeInjected = { annotations: metadata.annotations, spec };

  test.each<[string, NonNullable<WorkloadOptions['template']>]>([
    ['by kube-inject, with the record of injection', kubeInjected],
    ['without the record, and with injection off', { labels: off, spec }],
    ['without the record, and before its namespace was injected', { spec }],
  ])('is compared by its version: %s', async (_, template) => {
    const plan = await decisionOn([SHOP, ...running(template, (bare) => bare)]);
    expect(plan).toMatchObject({ decision: 'warn', reason: 'InTemplate' });
  });
});
