import fc from 'fast-check';
import { removeSidecars, restartWorkloads } from '../../../lib/engine/run/restart-workloads';
import type { Decision } from '../../../lib/engine/plan/plan';
import { asksForInjection, expectedOf } from '../expected-plan';
import { FakeCluster } from '../fake-cluster';
import { cluster, type ClusterSketch } from '../random-cluster';
import { admissionOf, objectsOf } from '../sketched-cluster';

jest.setTimeout(300_000);

const WEBHOOK = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name: 'istio-sidecar-injector', uid: 'uid-webhook', labels: { 'istio.io/rev': 'default' } },
  webhooks: [
    {
      name: 'namespace.sidecar-injector.istio.io',
      clientConfig: { caBundle: 'Q0E=' },
      namespaceSelector: { matchLabels: { 'istio-injection': 'enabled' } },
    },
  ],
};
const INJECTOR = { settleSeconds: 0, probes: 1, deadlineSeconds: 0 };

/** Clusters in which nothing is rolling, since rollouts of the fake cluster end only when a run has begun them. */
const settled = cluster.map((sketch): ClusterSketch => ({
  ...sketch,
  injector: sketch.purpose === 'remove' ? 'gone' : 'runs',
  // Windows depend on the server's own time, so there are none here.
  namespaces: sketch.namespaces.map((one) => ({ ...one, annotations: { ...one.annotations, window: undefined } })),
  workloads: sketch.workloads.map((one) => ({
    ...one,
    rollout: 'done',
    isScaledToZero: false,
    annotations: { ...one.annotations, window: undefined },
  })),
}));

async function started(sketch: ClusterSketch): Promise<FakeCluster> {
  const admission = admissionOf(sketch);
  const names = new Set(sketch.workloads.map(({ name }) => name));
  return FakeCluster.start([WEBHOOK, ...objectsOf(sketch)], {
    inject: (pod, namespace) => {
      // A probe of the injector is a pod that belongs to no workload.
      if (!names.has(pod.metadata.labels?.app ?? '')) return INJECTED_PROBE;
      const answer = admission(pod, namespace?.metadata.name ?? '');
      return 'metadata' in answer
        ? answer
        : { status: answer.status, body: { kind: 'Status', reason: '', message: answer.message, code: answer.status } };
    },
  });
}

const INJECTED_PROBE = {
  metadata: { name: 'probe', uid: 'uid-probe', annotations: { 'sidecar.istio.io/status': '{}' } },
  spec: { containers: [{ name: 'istio-proxy', image: 'proxyv2:1.31.1' }] },
};

test('a run on any cluster restarts what the table says, each once, reports all of it, and leaves the next run nothing', async () => {
  let restarts = 0;
  await fc.assert(
    fc.asyncProperty(settled, async (sketch) => {
      const fake = await started(sketch);
      const run = sketch.purpose === 'remove' ? removeSidecars : restartWorkloads;
      const options = {
        kubeconfig: fake.server.kubeconfig,
        namespaces: sketch.chosen,
        selector: sketch.selector,
        injector: INJECTOR,
        events: false,
      };
      const namesOf = (list: readonly { readonly namespace: string; readonly name: string }[]) =>
        list.map(({ namespace, name }) => `${namespace}/${name.split('-')[0] ?? ''}`).sort();
      const decided = (decision: Decision) =>
        namesOf(sketch.workloads.filter((workload) => expectedOf(workload, sketch)?.decision === decision));
      try {
        const report = await run(options);
        expect(JSON.parse(JSON.stringify(report))).toStrictEqual(report);
        expect(namesOf(report.restarted)).toEqual(decided('restart'));
        expect([...fake.patched].sort()).toEqual(decided('restart'));
        expect(namesOf(report.warnings)).toEqual(decided('warn'));
        expect(namesOf(report.skipped)).toEqual(decided('skip'));
        expect(namesOf(report.undetermined)).toEqual(decided('undetermined'));
        expect(report.counts).toEqual({
          restarted: report.restarted.length,
          updated: 0,
          waited: 0,
          current: decided('current').length + withSidecars(sketch),
          warned: report.warnings.length,
          skipped: report.skipped.length,
          deferred: 0,
          undetermined: report.undetermined.length,
        });
        expect(report.rounds).toBe(report.restarted.length > 0 ? 1 : 0);
        restarts += report.restarted.length;

        const again = await run(options);
        expect(again).toEqual({ ...report, restarted: [], counts: { ...report.counts, restarted: 0 }, rounds: 0 });
        expect(fake.patched).toHaveLength(report.restarted.length);
      } finally {
        await fake.close();
      }
    }),
    { numRuns: 60 },
  );
  expect(restarts).toBeGreaterThan(0);
});

/**
 * The number of workloads that have sidecars after a run restarts them: a workload without one is no longer reported.
 */
function withSidecars(sketch: ClusterSketch): number {
  return sketch.workloads.filter((workload) => {
    const namespace = sketch.namespaces.find(({ name }) => name === workload.namespace);
    const gets = namespace && sketch.injector === 'runs' && asksForInjection(workload, namespace);
    return gets && expectedOf(workload, sketch)?.decision === 'restart';
  }).length;
}
