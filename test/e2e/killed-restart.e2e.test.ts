import { createHash, randomInt } from 'node:crypto';
import { restartWorkloads, type RestartOptions } from 'istio-module/engine';
import { Fleet, type FleetView } from './fleet';
import { MeshCluster } from './mesh-cluster';
import { applyInjection, injectionConfigMaps, type InjectionConfigMap } from './reconfigure';
import { type Moment, RestartProcess } from './restart-process';
import { SOAK } from './soak';

const KILLS = SOAK ? 50 : 6;
const WORKLOADS = { Deployment: 20, StatefulSet: 10, DaemonSet: 10 };
const COUNT = 40;
/** To kill at the same moments as an earlier run, set KILLED_RESTART_SEED to the seed that it printed. */
const seed = Number(process.env.KILLED_RESTART_SEED ?? randomInt(2 ** 31));

/**
 * The moment is the same for the same seed and number. A run has one line when it begins, and one for each workload.
 * Each moment lies in a different part of the run.
 */
function momentOf(number: number): Moment {
  const random = createHash('sha256')
    .update(`${String(seed)}/${String(number)}`)
    .digest();
  const within = random.readUInt32LE(0) / 2 ** 32;
  const lines = Math.floor((((number % KILLS) + within) / KILLS) * (COUNT + 2));
  return { lines, milliseconds: random.readUInt32LE(4) % 300 };
}

/** Both runs together have changed each template once, replaced each pod, and left none with an old sidecar. */
function onceEach(before: FleetView, proxyCpu: string): object {
  const entries = Object.entries(before).map(([name, { generation, revision, pods }]) => [
    name,
    { generation: generation + 1, revision: revision + 1, pods: pods.length, kept: [], proxyCpu: [proxyCpu] },
  ]);
  return Object.fromEntries(entries) as object;
}

function comparable(before: FleetView, after: FleetView): object {
  const entries = Object.entries(after).map(([name, member]) => [
    name,
    { ...member, pods: member.pods.length, kept: member.pods.filter((uid) => before[name]?.pods.includes(uid)) },
  ]);
  return Object.fromEntries(entries) as object;
}

describe('a restart of 40 workloads that is killed', () => {
  let cluster: MeshCluster;
  let fleet: Fleet;
  let next: RestartProcess | undefined;
  let injections: readonly { readonly proxyCpu: string; readonly configMaps: readonly InjectionConfigMap[] }[];

  beforeAll(async () => {
    cluster = await MeshCluster.start({ seed: false });
    await cluster.apply(cluster.chart());
    injections = ['110m', '120m'].map((proxyCpu) => ({
      proxyCpu,
      configMaps: injectionConfigMaps(cluster, { proxyResources: { requests: { cpu: proxyCpu } } }),
    }));
    fleet = new Fleet(cluster.client, 'fleet', WORKLOADS);
    await fleet.create();
  }, 600_000);

  afterAll(async () => {
    next?.kill();
    await cluster.stop();
  }, 120_000);

  test(`at ${String(KILLS)} random moments is finished by the next run, and no pod is replaced twice`, async () => {
    process.stdout.write(`KILLED_RESTART_SEED=${String(seed)}\n`);
    const options: RestartOptions = {
      kubeconfig: cluster.controlPlane.kubeconfig,
      injector: { settleSeconds: 0, probes: 1, deadlineSeconds: 120 },
      events: false,
      timeoutSeconds: 300,
    };
    const begunAtKill: number[] = [];
    // A run may end before its moment, in which case another run follows.
    for (let number = 0; begunAtKill.length < KILLS && number < 2 * KILLS; number++) {
      const { proxyCpu, configMaps } = injections[number % 2] ?? { proxyCpu: '', configMaps: [] };
      const before = await fleet.view();
      await applyInjection(cluster, configMaps);
      const running = next ?? new RestartProcess();
      next = new RestartProcess();
      const { signal, exitCode, lastLine } = await running.killAt(momentOf(number), options);
      expect([null, 0]).toContain(exitCode);
      const finishing = restartWorkloads({ ...options, maxConcurrent: COUNT });
      // The second run probes the injector, reads and plans before it restarts anything.
      const [{ counts }, between] = await Promise.all([finishing, fleet.view()]);
      if (signal === 'SIGKILL') {
        begunAtKill.push(changed(before, between));
      }
      const after = await fleet.view();
      const where = { number, ...momentOf(number), lastLine };
      expect({ where, members: comparable(before, after) }).toEqual({ where, members: onceEach(before, proxyCpu) });
      expect(counts).toMatchObject({ current: COUNT, warned: 0, undetermined: 0, deferred: 0 });
    }
    expect(begunAtKill).toHaveLength(KILLS);
    process.stdout.write(`Restarts begun when killed, of ${String(COUNT)}: ${begunAtKill.join(' ')}\n`);
    // The moments have to be spread over the run, otherwise they would prove little.
    const partly = begunAtKill.filter((begun) => begun > 0 && begun < COUNT);
    expect(partly.length).toBeGreaterThan(KILLS / 5);
  }, 3_600_000);
});

function changed(before: FleetView, now: FleetView): number {
  return Object.keys(before).filter((name) => before[name]?.generation !== now[name]?.generation).length;
}
