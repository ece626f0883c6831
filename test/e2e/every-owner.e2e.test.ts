import {
  eventLines,
  planRestarts,
  restartWorkloads,
  type RestartOptions,
  type RestartPlan,
  type RestartReport,
} from 'istio-module/engine';
import { type KubeObject, type ObjectReference, serviceAccountIn, until } from '../control-plane/kube-client';
import { readyAfterAnnotation } from '../control-plane/stages';
import { defineKind } from './custom-resource';
import { closedWindowOpens, everyOwner } from './every-owner';
import { keyOf, type Row, ROWS } from './every-owner-rows';
import { FakeArgoRollouts } from './fake-argo-rollouts';
import { MeshCluster } from './mesh-cluster';
import { isPodReady, makeReady, podsOf } from './pods-of';
import { reconfigure } from './reconfigure';
import { kubeconfigWithout } from './restart-permissions';
import { controlledBy, deployment, OWNERS_NAMESPACE, pod, workload } from './workload';

const MINUTES = 60_000;
const NAMESPACES = [OWNERS_NAMESPACE, 'kept', 'elsewhere', 'full', 'leaving', 'joining'];
const EVENT_REASONS: Readonly<Record<string, string>> = {
  restart: 'SidecarRestarted',
  warn: 'SidecarOutOfDate',
  deferred: 'SidecarRestartDeferred',
};

const cases = ROWS.map((row): [string, string, Row] => [keyOf(row), row.reason, row]);
type Pods = Readonly<Record<string, readonly string[]>>;

describe('every owner', () => {
  let cluster: MeshCluster;
  let argo: FakeArgoRollouts;
  let plan: RestartPlan;
  let report: RestartReport;
  let before: { readonly uids: Pods; readonly names: Pods };
  let after: Pods;

  async function look(field: 'uid' | 'name'): Promise<Pods> {
    const looks = ROWS.map(async (row) => {
      const pods = await podsOf(cluster.client, row.namespace ?? OWNERS_NAMESPACE, row.app ?? row.name);
      return [keyOf(row), pods.map(({ metadata }) => String(metadata[field]))] as const;
    });
    return Object.fromEntries(await Promise.all(looks));
  }

  const named = (apiVersion: string, kind: string, name: string, namespace = OWNERS_NAMESPACE): ObjectReference => ({
    ...{ apiVersion, kind, metadata: { name, namespace } },
  });
  const namespace = (name: string, { labels = {}, annotations = {} } = {}) =>
    cluster.client.apply({
      ...{ apiVersion: 'v1', kind: 'Namespace' },
      ...{ metadata: { name, annotations, labels: { 'istio-injection': 'enabled', ...labels } } },
    } as ObjectReference);

  /** An object of a third party's kind that controls a pod, and a ReplicaSet with another pod. */
  async function applyWidget(): Promise<void> {
    await defineKind(cluster.client, 'example.com', 'v1', 'Widget');
    const widget = await cluster.client.apply(named('example.com/v1', 'Widget', 'wound'));
    await cluster.client.apply(controlledBy(widget, pod('wound')));
    await cluster.client.apply(controlledBy(widget, workload('apps/v1', 'ReplicaSet', 'wound-set')));
  }

  /** Creates what `kubectl create job --from=cronjob/nightly` creates. */
  async function runCronJob(): Promise<void> {
    const cronJob = await cluster.client.get<
      KubeObject & { readonly spec: { readonly jobTemplate: { readonly spec: object } } }
    >(named('batch/v1', 'CronJob', 'nightly'));
    const job = { ...named('batch/v1', 'Job', 'nightly-1'), spec: cronJob.spec.jobTemplate.spec };
    await cluster.client.apply(controlledBy(cronJob, job));
  }

  /** Changes the template of a Rollout, which gives it to one pod to begin with. */
  async function update(rollout: string): Promise<void> {
    const template = { metadata: { annotations: { version: '2' } } };
    await cluster.client.patch(named('argoproj.io/v1alpha1', 'Rollout', rollout), { spec: { template } });
    await until(
      async () => {
        const pods = await podsOf(cluster.client, OWNERS_NAMESPACE, rollout);
        const hashes = pods.map(({ metadata }) => metadata.labels?.['rollouts-pod-template-hash']);
        return pods.every(isPodReady) && pods.length === 2 && new Set(hashes).size === 2;
      },
      `the Rollout ${rollout} having one pod of each version`,
      { timeoutSeconds: 60 },
    );
  }

  async function ready(rows: readonly Row[]): Promise<void> {
    await until(
      async () => {
        const looks = rows.map((row) => podsOf(cluster.client, row.namespace ?? OWNERS_NAMESPACE, row.app ?? row.name));
        return (await Promise.all(looks)).every((pods) => pods.length > 0 && pods.every(isPodReady));
      },
      'all pods being ready',
      { timeoutSeconds: 90 },
    );
  }

  async function seed(): Promise<void> {
    for (const name of NAMESPACES) {
      await namespace(name, {
        annotations: name === 'kept' ? { 'istio-module/restart': 'disabled' } : {},
        labels: name === 'joining' ? { 'istio-injection': 'disabled' } : {},
      });
      await serviceAccountIn(cluster.client, name);
    }
    for (const object of everyOwner()) {
      await cluster.client.apply(object);
    }
    await runCronJob();
    await applyWidget();
    await ready(ROWS.filter(({ name }) => name !== 'fresh'));
    await cluster.client.patch(named('apps/v1', 'Deployment', 'paused'), { spec: { paused: true } });
    await update('midway');
    const quota = { ...named('v1', 'ResourceQuota', 'one', 'full'), spec: { hard: { pods: '1' } } };
    await cluster.client.apply(quota);
    await cluster.client.waitFor(
      quota,
      (object) => (object?.status as { used?: { pods?: string } } | undefined)?.used?.pods === '1',
    );
  }

  /**
   * When this is done, every workload is in the state that its row expects, such as outdated or in the middle of a
   * rollout.
   */
  async function outdate(options: RestartOptions): Promise<void> {
    await reconfigure(cluster, { meshConfig: { defaultConfig: { drainDuration: '30s' } } });
    await until(
      async () => {
        const { workloads } = await planRestarts(options);
        return workloads.some(({ name, decision }) => name === 'web' && decision === 'restart');
      },
      'the change being in force',
      { timeoutSeconds: 60 },
    );
    await namespace('leaving', { labels: { 'istio-injection': 'disabled' } });
    await namespace('joining');
    await cluster.client.apply(deployment('fresh'));
    await ready(ROWS.filter(({ name }) => name === 'fresh'));
    await update('updating');
    const template = { metadata: { annotations: { [readyAfterAnnotation]: 'never' } } };
    await cluster.client.patch(named('apps/v1', 'Deployment', 'rolling'), { spec: { template } });
    await until(
      async () => (await podsOf(cluster.client, OWNERS_NAMESPACE, 'rolling')).length === 2,
      'the Deployment rolling having a new pod',
    );
  }

  beforeAll(async () => {
    cluster = await MeshCluster.start({ seed: false });
    await cluster.apply(cluster.chart());
    argo = await FakeArgoRollouts.start(cluster.client);
    await seed();
    const told: string[] = [];
    const options: RestartOptions = {
      kubeconfig: await kubeconfigWithout(cluster.controlPlane, cluster.client, 'every-owner'),
      namespaces: NAMESPACES.filter((name) => name !== 'elsewhere'),
      injector: { deadlineSeconds: 60, settleSeconds: 1, probes: 2 },
      timeoutSeconds: 120,
      onEvent: eventLines((line) => told.push(line)),
    };
    await outdate(options);
    plan = await planRestarts(options);
    before = { uids: await look('uid'), names: await look('name') };
    const run = restartWorkloads(options);
    const failed = run.catch(() => told.push('rolling failed'));
    await until(() => told.some((line) => line.startsWith('rolling ')), 'the run having begun', { timeoutSeconds: 90 });
    await makeReady(cluster.client, OWNERS_NAMESPACE, 'rolling', 2);
    await failed;
    report = await run;
    await until(async () => {
      const pods = await cluster.client.list('v1', 'Pod');
      return pods.every(({ metadata }) => metadata.deletionTimestamp === undefined);
    }, 'no pod being deleted');
    after = await look('uid');
  }, 6 * MINUTES);

  afterAll(async () => {
    await argo.stop();
    await cluster.stop();
  }, MINUTES);

  it('has its row in the plan, and nothing else has', () => {
    expect(plan.workloads.map(keyOf).sort()).toEqual(ROWS.map(keyOf).sort());
  });

  it.each(cases)('%s: the decision is %s, with its reason and the command', (key, _, row) => {
    const { decision, reason, message, remedy = '' } = row;
    const entry = plan.workloads.find((one) => keyOf(one) === key);
    expect(entry).toMatchObject({
      ...{ decision, reason },
      message: message instanceof RegExp ? (expect.stringMatching(message) as string) : message,
      remedy: remedy.replace('POD', entry?.pods[0] ?? ''),
    });
    expect(before.names[key]).toEqual(expect.arrayContaining([...(entry?.pods ?? [])]));
  });

  it.each(cases.filter(([, , { decision }]) => decision === 'restart'))(
    '%s: %s, and every pod of it was replaced',
    (key) => {
      const old = before.uids[key] ?? [];
      expect(old).toHaveLength(2);
      expect(after[key]).toHaveLength(2);
      expect(after[key]?.filter((uid) => old.includes(uid))).toEqual([]);
    },
  );

  it.each(cases.filter(([, , { decision }]) => decision !== 'restart' && decision !== 'wait'))(
    '%s: %s, and every pod of it is the one that it was',
    (key) => {
      expect(before.uids[key]).not.toEqual([]);
      expect(after[key]).toEqual(before.uids[key]);
    },
  );

  it('Deployment/owners/rolling: the rollout ends with its new pod, and was not patched', async () => {
    const [pod] = after['Deployment/owners/rolling'] ?? [];
    expect(after['Deployment/owners/rolling']).toHaveLength(1);
    expect(before.uids['Deployment/owners/rolling']).toContain(pod);
    const { metadata } = await cluster.client.get(named('apps/v1', 'Deployment', 'rolling'));
    expect(metadata.managedFields?.map(({ manager }) => manager)).not.toContain('istio-module');
  });

  it('that is a Rollout keeps its template and its update, and is restarted through spec.restartAt', async () => {
    for (const name of ['shipped', 'referring', 'midway']) {
      const { metadata, spec, status } = await cluster.client.get<
        KubeObject & {
          readonly spec: { readonly restartAt?: string };
          readonly status: { readonly restartedAt?: string };
        }
      >(named('argoproj.io/v1alpha1', 'Rollout', name));
      const managed = metadata.managedFields?.find(({ manager }) => manager === 'istio-module');
      expect(managed?.fieldsV1?.['f:spec']).toEqual({ 'f:restartAt': {} });
      expect(spec.restartAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(status.restartedAt).toBe(spec.restartAt);
    }
    const pods = await podsOf(cluster.client, OWNERS_NAMESPACE, 'midway');
    expect(new Set(pods.map(({ metadata }) => metadata.labels?.['rollouts-pod-template-hash'])).size).toBe(2);
  });

  it('is in the report of the run, under its decision', () => {
    const decided = (decision: Row['decision']) =>
      ROWS.filter((row) => row.decision === decision)
        .map(keyOf)
        .sort();
    const keys = (list: readonly { kind: string; namespace: string; name: string }[]) => list.map(keyOf).sort();
    expect({
      restart: keys(report.restarted),
      wait: keys(report.waited),
      warn: keys(report.warnings),
      skip: keys(report.skipped),
      deferred: keys(report.deferred),
      undetermined: keys(report.undetermined),
    }).toEqual({
      restart: decided('restart'),
      wait: decided('wait'),
      warn: decided('warn'),
      skip: decided('skip'),
      deferred: decided('deferred'),
      undetermined: decided('undetermined'),
    });
    expect(report).toMatchObject({ rounds: 1, deferred: [{ deferredUntil: closedWindowOpens() }] });
  });

  it('that was restarted, put off or left to its user has one Event that says so', async () => {
    const events = await cluster.client.list<
      KubeObject & {
        readonly involvedObject: { readonly kind: string; readonly namespace: string; readonly name: string };
        readonly source: { readonly component?: string };
        readonly reason: string;
      }
    >('v1', 'Event');
    expect(
      events
        .filter(({ source }) => source.component === 'istio-module')
        .map(({ involvedObject, reason }) => `${keyOf(involvedObject)} ${reason}`)
        .sort(),
    ).toEqual(
      ROWS.flatMap((row) => {
        const reason = EVENT_REASONS[row.decision];
        return reason === undefined ? [] : [`${keyOf(row)} ${reason}`];
      }).sort(),
    );
  });
});
