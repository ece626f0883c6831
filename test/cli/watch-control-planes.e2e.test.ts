import { App, Chart } from 'cdk8s';
import {
  ExistingIstio,
  IstioCharts,
  IstioModule,
  RestarterMode,
  SidecarRestarter,
  type IstioModuleProps,
} from 'istio-module';
import { applyInOrder } from '../control-plane/apply-in-order';
import { ControlPlane } from '../control-plane/control-plane';
import { Istiod } from '../control-plane/istiod';
import { serviceAccountIn, until, type KubeClient } from '../control-plane/kube-client';
import { viewWorkloads, type WorkloadViews } from '../demo/workload-views';
import { rolledBetween } from '../e2e/rolled-between';
import { smallDeployment } from '../e2e/small-deployment';
import { acceptedByApi } from '../mesh/accepted-by-api';
import { synthesized, type Manifest } from '../mesh/synthesis';
import { LoggingProcess } from './logging-process';

const MINUTES = 60_000;

interface Side {
  readonly namespace: string;
  readonly deployment: string;
  /** If it is not set, the default revision. */
  readonly revision?: string;
  /** The namespace of its workload, which is also the workload's name. */
  readonly workloads: string;
}

const STABLE: Side = { namespace: 'istio-system', deployment: 'istiod', workloads: 'plain' };
const CANARY: Side = {
  ...{ namespace: 'istio-canary', deployment: 'istiod-canary' },
  revision: 'canary',
  workloads: 'early',
};

/** What gives an account its permissions. */
const ACCESS = new Set(['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding']);

describe('istio-module watch, with control planes in two namespaces', () => {
  let controlPlane: ControlPlane;
  let istiods: ReadonlyMap<Side, Istiod>;
  let client: KubeClient;
  let watching: LoggingProcess | undefined;

  beforeAll(async () => {
    controlPlane = await ControlPlane.start();
    istiods = new Map([
      [STABLE, await Istiod.follow(controlPlane, STABLE)],
      [CANARY, await Istiod.follow(controlPlane, CANARY)],
    ]);
    client = await controlPlane.connect();
  }, 10 * MINUTES);

  afterEach(() => watching?.kill('SIGKILL'));

  afterAll(async () => {
    client.close();
    for (const istiod of istiods.values()) await istiod.unfollow();
    await controlPlane.stop();
  }, MINUTES);

  /** The objects of one side; those for the whole mesh belong to the stable side. */
  function manifests(side: Side, cpu: string): readonly Manifest[] {
    const { namespace, revision } = side;
    // Each control plane ignores the namespaces of the other.
    const operator = side === STABLE ? 'NotIn' : 'In';
    const props: IstioModuleProps = {
      version: '1.31.1',
      ...{ namespace, revision, cni: false, istiod: { replicas: 1 }, mutualTls: false },
      helmExecutable: controlPlane.programs.helm,
      charts: IstioCharts.directory(controlPlane.programs.istioCharts),
      proxy: { resources: { requests: { cpu } } },
      meshConfig: {
        discoverySelectors: [{ matchExpressions: [{ key: 'istio.io/rev', operator, values: ['canary'] }] }],
      },
    };
    const chart = new Chart(new App(), 'mesh');
    const istio = new IstioModule(chart, 'istio', props);
    return side === STABLE
      ? synthesized(chart)
      : istio.istiod.apiObjects.map((object) => object.toJson() as unknown as Manifest);
  }

  async function install(side: Side): Promise<void> {
    await applyInOrder(
      manifests(side, '100m'),
      (object) => acceptedByApi(client, object),
      async () => istiods.get(side)?.ready(),
    );
  }

  /** Changes what the control plane injects, and nothing else. */
  async function reconfigure(side: Side, cpu: string): Promise<void> {
    const configMaps = manifests(side, cpu).filter(({ kind }) => kind === 'ConfigMap');
    for (const object of configMaps) await acceptedByApi(client, object);
  }

  async function namespace(name: string, labels: Readonly<Record<string, string>>): Promise<void> {
    await acceptedByApi(client, { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
  }

  /** The kubeconfig of a restarter, with the permissions that it has in both namespaces. */
  async function restarter(): Promise<string> {
    const chart = new Chart(new App(), 'restarter');
    new SidecarRestarter(chart, 'restarter', {
      istio: [STABLE, CANARY].map(
        (side) =>
          new ExistingIstio(chart, side.deployment, {
            namespace: side.namespace,
            revisions: [side.revision ?? 'default'],
          }),
      ),
      image: 'registry.example.com/istio-module:0.1.0',
      mode: RestarterMode.watch(),
    });
    for (const object of synthesized(chart).filter(({ kind }) => ACCESS.has(kind))) {
      await acceptedByApi(client, object);
    }
    return controlPlane.kubeconfigOf(STABLE.namespace, 'restarter');
  }

  const look = () => viewWorkloads(client, [STABLE.workloads, CANARY.workloads]);
  const workloadOf = ({ workloads }: Side) => `Deployment/${workloads}/${workloads}`;

  /** Waits until workloads have been restarted since `before`, and the watch is idle again; returns these workloads. */
  async function restartedSince(before: WorkloadViews, process: LoggingProcess): Promise<readonly string[]> {
    const rests = () => process.lines.at(-1)?.event === 'watching';
    await until(async () => rests() && rolledBetween(before, await look()).length > 0, 'a restart', {
      timeoutSeconds: 120,
    }).catch((cause: unknown) => {
      throw new Error(JSON.stringify(process.lines), { cause });
    });
    return rolledBetween(before, await look());
  }

  it(
    'restarts the workloads of the control plane that changes or is added, and no others',
    async () => {
      await namespace(CANARY.namespace, { 'istio.io/rev': 'canary' });
      await namespace(STABLE.workloads, { 'istio-injection': 'enabled' });
      await namespace(CANARY.workloads, { 'istio.io/rev': 'canary' });
      await install(STABLE);
      for (const { workloads } of [STABLE, CANARY]) {
        await serviceAccountIn(client, workloads);
        await client.apply(smallDeployment(workloads, workloads));
      }
      const kubeconfig = await restarter();
      watching = new LoggingProcess('watch', kubeconfig, ['--lease', `${STABLE.namespace}/restarter`]);
      await watching.has('watching');

      const alone = await look();
      await install(CANARY);
      expect(await restartedSince(alone, watching)).toEqual([workloadOf(CANARY)]);

      const both = await look();
      await reconfigure(CANARY, '130m');
      expect(await restartedSince(both, watching)).toEqual([workloadOf(CANARY)]);
      const messages = watching.messages('changed');
      expect(messages).toContain('ConfigMap istio-canary/istio-sidecar-injector-canary was changed');
      const after = await look();
      expect(after[workloadOf(CANARY)]?.generation).toBe((both[workloadOf(CANARY)]?.generation ?? NaN) + 1);

      await reconfigure(STABLE, '140m');
      expect(await restartedSince(after, watching)).toEqual([workloadOf(STABLE)]);
      expect(watching.count('watchRefused')).toBe(0);
      expect(watching.count('failed')).toBe(0);
      expect(await watching.kill('SIGTERM')).toBe(0);
    },
    8 * MINUTES,
  );

  it(
    'stops watching the namespace of a control plane when no webhook points there',
    async () => {
      const kubeconfig = await controlPlane.kubeconfigOf(STABLE.namespace, 'restarter');
      watching = new LoggingProcess('watch', kubeconfig, ['--lease', `${STABLE.namespace}/restarter`]);
      await watching.has('watching');
      const apart = await look();
      await namespace(CANARY.workloads, { 'istio-injection': 'enabled' });
      expect(await restartedSince(apart, watching)).toEqual([workloadOf(CANARY)]);

      const rests = watching.count('watching');
      const before = await look();
      const webhooks = manifests(CANARY, '130m').filter(({ kind }) => kind === 'MutatingWebhookConfiguration');
      for (const webhook of webhooks) await client.delete(webhook);
      await watching.logged(({ message }) => message.endsWith('was deleted'), 'the webhook being deleted');
      await watching.has('watching', rests + 1);

      await reconfigure(CANARY, '150m');
      await reconfigure(STABLE, '150m');
      expect(await restartedSince(before, watching)).toEqual([workloadOf(CANARY), workloadOf(STABLE)]);
      const changed = watching.messages('changed');
      expect(changed).toContain('ConfigMap istio-system/istio-sidecar-injector was changed');
      expect(changed.filter((message) => message.startsWith('ConfigMap istio-canary/'))).toEqual([]);
      expect(await watching.kill('SIGTERM')).toBe(0);
    },
    6 * MINUTES,
  );
});
