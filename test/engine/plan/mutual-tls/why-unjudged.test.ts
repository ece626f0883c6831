import type { InjectorAnswer } from '../../../../lib/engine/injector/ask-for-pod';
import { whyUnjudged } from '../../../../lib/engine/plan/mutual-tls/why-unjudged';
import type { PlanOptions } from '../../../../lib/engine/plan/plan-options';
import { readSnapshot } from '../../../../lib/engine/snapshot/read-snapshot';
import { parseSelector } from '../../../../lib/engine/cluster/label-selector';
import { deployment, IMAGE, meshNamespace, type ClusterObject } from '../../cluster-builder';
import { inMemoryApi } from '../../in-memory-api';

const PARTIAL = 'this run does not include all of its workloads; a run that includes all of them can end this';
const ENTERING =
  'Istio still injects sidecars into its workloads, so they have yet to enter the mesh; a restart can end this, a removal cannot';
const SIDECAR = { revision: 'default', containers: {}, volumes: {} };

interface Sketch {
  readonly objects?: readonly ClusterObject[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly options?: Partial<PlanOptions>;
  readonly except?: readonly { readonly namespace: string }[];
  /** The answer for each workload. */
  readonly answer?: InjectorAnswer;
}

/** What is said about the namespace `shop`, which by default contains one workload with the label `app=cart`. */
async function said({ objects, annotations, options, except = [], answer = { sidecar: SIDECAR } }: Sketch) {
  const workloads = objects ?? deployment('cart', { labels: { app: 'cart' }, proxies: [IMAGE] });
  const api = inMemoryApi([meshNamespace('shop', annotations), ...workloads], (pod) => pod);
  const snapshot = await readSnapshot(api);
  const answers = new Map(snapshot.workloads.map(({ id }) => [id, answer]));
  const planOptions: PlanOptions = { purpose: 'update', now: new Date('2026-11-24T12:00:00Z'), ...options };
  return whyUnjudged('shop', { snapshot, answers, options: planOptions, except });
}

describe('a plan', () => {
  test.each<[string, Sketch]>([
    ['includes all workloads of the namespace', {}],
    ['includes the namespace', { options: { namespaces: ['shop'] } }],
    ['selects all workloads of the namespace by their labels', { options: { selector: parseSelector('app=cart') } }],
    ['ignores only workloads of other namespaces', { except: [{ namespace: 'edge' }] }],
    ['leaves the namespace alone, like all runs', { annotations: { 'istio-module/restart': 'disabled' } }],
    ['is about a namespace without workloads', { objects: [], options: { selector: parseSelector('app=web') } }],
  ])('can tell if it %s', async (_, sketch) => {
    expect(await said(sketch)).toBeUndefined();
  });

  test.each<[string, Sketch]>([
    ['does not include the namespace', { options: { namespaces: ['billing'] } }],
    ['does not select all of its workloads', { options: { selector: parseSelector('app=web') } }],
    ['ignores one of its workloads', { except: [{ namespace: 'shop' }] }],
    [
      'does not select a workload of a namespace that it leaves alone',
      { annotations: { 'istio-module/restart': 'disabled' }, options: { selector: parseSelector('app=web') } },
    ],
  ])('cannot tell if it %s', async (_, sketch) => {
    expect(await said(sketch)).toBe(PARTIAL);
  });

  describe('of a removal', () => {
    const options = { purpose: 'remove' } as const;
    const entering = deployment('cart', { proxies: [IMAGE, undefined] });
    const denied = { denied: 'exceeded quota', alone: { sidecar: SIDECAR, recorded: new Set<string>() } };

    test.each<[string, InjectorAnswer]>([
      ['gets one', { sidecar: SIDECAR }],
      ['would get one if a quota admitted it', denied],
    ])('cannot tell if a pod without a sidecar %s', async (_, answer) => {
      expect(await said({ objects: entering, options, answer })).toBe(ENTERING);
    });

    test.each<[string, Sketch]>([
      ['gets a sidecar', { objects: entering, answer: { sidecar: undefined } }],
      ['lacks the sidecar that it gets', { objects: deployment('cart', { proxies: [IMAGE] }) }],
    ])('can tell if no pod %s', async (_, sketch) => {
      expect(await said({ ...sketch, options })).toBeUndefined();
    });
  });
});
