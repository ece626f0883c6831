import { planRestarts, awaitControlPlane, restartWorkloads, type RestartOptions } from 'istio-module/engine';
import { onRealNode } from '../control-plane/real-node/on-real-node';
import { INTERRUPTION_CASES } from './interruption-cases';
import { appDeployment, appService, type LoadReport, withoutRestarts } from './traffic-app';
import { shop, TrafficMesh } from './traffic-mesh';

const MINUTES = 60_000;
const perSecond = 20;
/** It is chance whether a request reaches a pod that stops without a hook, so one round may see no failure. */
const rounds = 3;

type Seen = Readonly<Record<string, LoadReport>>;

onRealNode('the interruption that a plan announces', () => {
  let mesh: TrafficMesh;
  let options: RestartOptions;
  let round = 0;

  beforeAll(async () => {
    mesh = await TrafficMesh.start({ timeoutSeconds: 240 });
    const { kubeconfig } = mesh.controlPlane;
    options = { kubeconfig, namespaces: [shop], evict: true, maxConcurrent: 4, timeoutSeconds: 240 };
    await mesh.install({ ingressGateways: [] });
    await mesh.apply([
      ...appDeployment({ name: 'client', namespace: shop }).map(withoutRestarts),
      ...INTERRUPTION_CASES.flatMap(({ name, objects }) => [...objects, appService(name, shop)]),
    ]);
    await mesh.available(shop, 'client');
    await mesh.settled(shop);
  }, 10 * MINUTES);

  afterAll(async () => {
    await (mesh as TrafficMesh | undefined)?.stop();
  }, MINUTES);

  /** Puts every sidecar out of date. */
  async function outdate(): Promise<void> {
    round += 1;
    const proxy = { resources: { requests: { cpu: `${String(10 + round)}m`, memory: '32Mi' } } };
    const objects = mesh.module({ ingressGateways: [], proxy });
    await mesh.apply(objects.filter(({ kind }) => kind === 'ConfigMap'));
    await awaitControlPlane({ kubeconfig: mesh.controlPlane.kubeconfig });
  }

  /** What becomes of requests to these workloads while they are restarted. */
  async function restarted(names: readonly string[]): Promise<Seen> {
    const client = await mesh.pod(shop, 'client');
    await Promise.all(names.map((name) => client.startLoad({ url: `http://${name}/`, perSecond }, name)));
    try {
      const report = await restartWorkloads({ ...options, selector: `app in (${names.join(',')})` });
      expect(report.restarted.map(({ name }) => name).sort()).toEqual([...names].sort());
      await mesh.settled(shop);
    } finally {
      await Promise.all(names.map((name) => client.stopLoad(name)));
    }
    return Object.fromEntries<LoadReport>(
      await Promise.all(names.map(async (name) => [name, await client.stopLoad(name)] as const)),
    );
  }

  test(
    'is the one that its clients see, and where none is announced they see none',
    async () => {
      await outdate();
      const { workloads } = await planRestarts(options);
      const planned = workloads.filter(({ name }) => INTERRUPTION_CASES.some((one) => one.name === name));
      const predicted = planned.map(({ name, interruption }) => [name, interruption?.reasons.map(({ code }) => code)]);
      expect(Object.fromEntries(predicted)).toEqual(
        Object.fromEntries(INTERRUPTION_CASES.map((one) => [one.name, one.predicted])),
      );

      let seen = await restarted(INTERRUPTION_CASES.map(({ name }) => name));
      const unseen = () =>
        INTERRUPTION_CASES.filter(({ name, predicted: codes }) => codes.length > 0 && seen[name]?.failed === 0);
      while (unseen().length > 0 && round < rounds) {
        await outdate();
        seen = { ...seen, ...(await restarted(unseen().map(({ name }) => name))) };
      }
      process.stdout.write(`${table(seen)}\n`);
      const failing = Object.keys(seen).filter((name) => seen[name]?.failed !== 0);
      expect(failing.sort()).toEqual(
        INTERRUPTION_CASES.filter((one) => one.predicted.length > 0)
          .map(({ name }) => name)
          .sort(),
      );
    },
    15 * MINUTES,
  );
});

/** The rows of the table in docs/restarts.md. */
function table(seen: Seen): string {
  return INTERRUPTION_CASES.map(({ name, title, predicted }) => {
    const { total = 0, failed = 0 } = seen[name] ?? {};
    const codes = predicted.map((code) => `\`${code}\``).join(', ');
    return `| ${title} | ${codes || 'none'} | ${failed.toLocaleString('en')} of ${total.toLocaleString('en')} |`;
  }).join('\n');
}
