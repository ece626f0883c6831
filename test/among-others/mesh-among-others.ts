import {
  awaitControlPlane,
  planRestarts,
  restartWorkloads,
  type RestartOptions,
  type RestartPlan,
  type RestartReport,
  type WorkloadPlan,
} from 'istio-module/engine';
import type { MeshChartProps } from '../../stacks/mesh-chart';
import { type KubeObject, type ObjectReference, serviceAccountIn, until } from '../control-plane/kube-client';
import { MeshCluster } from '../e2e/mesh-cluster';
import { reconfigure } from '../e2e/reconfigure';
import { kubeconfigWithout } from '../e2e/restart-permissions';
import { rolledBetween } from '../e2e/rolled-between';
import { pod } from '../e2e/workload';
import { AdmissionWebhooks, type AdmittedContainer, type AdmittedPod, proxyOf } from './admission-webhooks';

/** A change to the mesh that makes every sidecar outdated. */
export const MORE_CPU: Partial<MeshChartProps> = { proxyResources: { requests: { cpu: '110m' } } };

export const CURRENT = 'current UpToDate';
export const RESTART = 'restart OutOfDate';
export const WITHOUT_EFFECT = 'undetermined RestartWithoutEffect';

const INJECTOR = { deadlineSeconds: 60, settleSeconds: 3, probes: 2 };

/** What a run did in one namespace; workloads are named as `Deployment/web`. */
export interface Restarted {
  readonly report: RestartReport;
  /** According to the report. */
  readonly restarted: readonly string[];
  /** According to the cluster: workloads with another generation, or with other pods. */
  readonly touched: readonly string[];
  readonly rounds: number;
}

export type MeshOptions = Parameters<typeof MeshCluster.start>[0] & {
  readonly chart?: Partial<MeshChartProps>;
};

/** A mesh in which others besides the injector change pods: webhooks, operators, custom controllers. */
export class MeshAmongOthers {
  static async start({ chart, ...options }: MeshOptions = {}): Promise<MeshAmongOthers> {
    const cluster = await MeshCluster.start({ seed: false, ...options });
    await cluster.apply(cluster.chart(chart));
    return new MeshAmongOthers(cluster, await AdmissionWebhooks.start(cluster.client), chart);
  }

  private isChanged = false;
  private outdated = 0;

  private constructor(
    readonly cluster: MeshCluster,
    readonly webhooks: AdmissionWebhooks,
    private props: Partial<MeshChartProps> = {},
  ) {}

  get client(): MeshCluster['client'] {
    return this.cluster.client;
  }

  /** Reverts what a test has changed for the whole cluster. */
  async reset(): Promise<void> {
    await this.webhooks.removeAll();
    if (this.isChanged) {
      await this.configure();
      this.isChanged = false;
    }
  }

  async stop(): Promise<void> {
    await this.webhooks.stop();
    await this.cluster.stop();
  }

  /** A namespace, in the mesh by default. */
  async namespace(name: string, labels: Readonly<Record<string, string>> = { 'istio-injection': 'enabled' }) {
    await this.client.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } } as ObjectReference);
    await serviceAccountIn(this.client, name);
  }

  /** Applies workloads and waits for the namespace's pods. */
  async run(namespace: string, pods: number, ...objects: readonly ObjectReference[]): Promise<void> {
    for (const object of objects) {
      await this.cluster.applyOne(object);
    }
    await this.running(namespace, pods);
  }

  /** Waits until this number of pods runs in the namespace, and no other pod exists. */
  async running(namespace: string, count: number): Promise<readonly KubeObject[]> {
    let pods: KubeObject[] = [];
    await until(
      async () => {
        pods = await this.client.list('v1', 'Pod', { namespace });
        const isRunning = ({ status, metadata }: KubeObject) =>
          (status as { readonly phase?: string } | undefined)?.phase === 'Running' &&
          metadata.deletionTimestamp === undefined;
        return pods.length === count && pods.every(isRunning);
      },
      `${String(count)} running pods in ${namespace}`,
      { timeoutSeconds: 120 },
    );
    return pods;
  }

  /** Waits until a new pod of the namespace would get such a sidecar. */
  async injected(namespace: string, isSo: (proxy: AdmittedContainer) => boolean | undefined): Promise<void> {
    const path = `/api/v1/namespaces/${namespace}/pods?dryRun=All`;
    await until(async () => {
      const proxy = proxyOf(await this.client.raw<AdmittedPod>('POST', path, pod('any', { namespace })));
      return (proxy && isSo(proxy)) ?? false;
    }, `the sidecar of a further pod of ${namespace}`);
  }

  /** Makes every sidecar outdated, also for the tests that follow: `reset` does not revert this. */
  async outdate(): Promise<void> {
    this.outdated += 1;
    const cpu = `${String(110 + this.outdated)}m`;
    this.props = { ...this.props, proxyResources: { requests: { cpu } } };
    await this.takeOver({});
  }

  /** Does what `helm upgrade` with these values does, and waits until istiod uses the change. */
  async configure(props: Partial<MeshChartProps> = {}): Promise<void> {
    this.isChanged = true;
    await this.takeOver(props);
  }

  private async takeOver(props: Partial<MeshChartProps>): Promise<void> {
    await reconfigure(this.cluster, { ...this.props, ...props });
    await awaitControlPlane({ kubeconfig: this.cluster.controlPlane.kubeconfig, injector: INJECTOR });
  }

  plan(namespace: string, options: RestartOptions = {}): Promise<RestartPlan> {
    return planRestarts({ ...this.options(namespace), ...options });
  }

  async decisions(namespace: string, options: RestartOptions = {}): Promise<Readonly<Record<string, string>>> {
    return decisionsOf(await this.plan(namespace, options));
  }

  /** Restarts outdated workloads, and returns those that the restart touched. */
  async touches(namespace: string, options?: RestartOptions): Promise<readonly string[]> {
    return (await this.restart(namespace, options)).touched;
  }

  async restart(namespace: string, options: RestartOptions = {}): Promise<Restarted> {
    const before = await this.cluster.workloads([namespace]);
    const report = await restartWorkloads({ ...this.options(namespace), ...options });
    await until(async () => {
      const pods = await this.client.list('v1', 'Pod', { namespace });
      return pods.every(({ metadata }) => metadata.deletionTimestamp === undefined);
    }, `no pod of ${namespace} being deleted`);
    const touched = rolledBetween(before, await this.cluster.workloads([namespace]));
    return {
      report,
      restarted: report.restarted.map(keyOf).sort(),
      touched: touched.map((name) => name.replace(`/${namespace}/`, '/')),
      rounds: report.rounds,
    };
  }

  /**
   * Credentials of a service account `default/NAME` with the permissions that a restart needs.
   *
   * @param asksInjector whether the account may also ask the injector directly, without the rest of admission
   */
  async credentials(name: string, asksInjector: boolean): Promise<string> {
    const kubeconfig = await kubeconfigWithout(this.cluster.controlPlane, this.client, name, 'create services/proxy');
    if (asksInjector) {
      const metadata = { name, namespace: 'istio-system' };
      const rule = { apiGroups: [''], resources: ['services/proxy'], verbs: ['create'] };
      const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata };
      await this.client.apply({
        ...role,
        rules: [{ ...rule, resourceNames: ['https:istiod:443'] }],
      } as ObjectReference);
      await this.client.apply({
        ...{ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
        subjects: [{ kind: 'ServiceAccount', name, namespace: 'default' }],
      } as ObjectReference);
    }
    return kubeconfig;
  }

  private options(namespace: string): RestartOptions {
    return {
      kubeconfig: this.cluster.controlPlane.kubeconfig,
      namespaces: [namespace],
      injector: INJECTOR,
      timeoutSeconds: 90,
    };
  }
}

/** Decision and reason of each workload that the plan is about, by key such as `Deployment/web`. */
export function decisionsOf({ workloads }: RestartPlan): Readonly<Record<string, string>> {
  const selected = workloads.filter((workload) => workload.selected !== false);
  return Object.fromEntries(selected.map((workload) => [keyOf(workload), `${workload.decision} ${workload.reason}`]));
}

/** The workload of a plan or a report with a key such as `Deployment/web`. */
export function planned(workloads: readonly WorkloadPlan[], key: string): WorkloadPlan | undefined {
  return workloads.find((workload) => keyOf(workload) === key && workload.selected !== false);
}

function keyOf({ kind, name }: { readonly kind: string; readonly name: string }): string {
  return `${kind}/${name}`;
}
