import { ServiceAccount } from 'cdk8s-plus-27';
import { SidecarRestartAccess } from 'istio-module';
import { planRestarts, refuseForeignResources, restartWorkloads } from 'istio-module/engine';
import { type ObjectReference, until } from '../../control-plane/kube-client';
import { shopNamespace } from '../../control-plane/sample-workloads';
import { MeshCluster } from '../../e2e/mesh-cluster';
import { reconfigure } from '../../e2e/reconfigure';
import { emptyChart, synthesized } from '../synthesis';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

type ClusterRole = ObjectReference & { readonly rules: readonly Rule[] };

interface Access {
  readonly role: ClusterRole;
  readonly binding: ObjectReference;
  /** The Role and RoleBinding that allow the account to ask the injector directly. */
  readonly injector: readonly ObjectReference[];
}

/** The permissions that the construct grants to the service account of these tests. */
function access(uninstall: boolean): Access {
  const chart = emptyChart();
  const subject = ServiceAccount.fromServiceAccountName(chart, 'user', 'restarter', { namespaceName: shopNamespace });
  new SidecarRestartAccess(chart, 'restarter', { subjects: [subject], uninstall });
  const [role, binding, ...injector] = synthesized(chart) as unknown as [ClusterRole, ...ObjectReference[]];
  return { role, binding: binding as ObjectReference, injector };
}

/** The configuration does not change during the tests, so there is nothing to wait for. */
const injector = { settleSeconds: 0, probes: 1, deadlineSeconds: 30 };

describe('SidecarRestartAccess', () => {
  let cluster: MeshCluster;
  let kubeconfig: string;

  beforeAll(async () => {
    cluster = await MeshCluster.start();
    const { client, controlPlane } = cluster;
    // Created before Istio, so that its pod lacks a sidecar.
    await client.apply(replicationController());
    await cluster.apply(cluster.chart());
    const { role, binding, injector: ofInjector } = access(true);
    await client.apply(role);
    for (const object of ofInjector) {
      await client.apply(object);
    }
    const metadata = { name: 'restarter', namespace: shopNamespace };
    await client.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata });
    await client.apply(binding);
    kubeconfig = await controlPlane.kubeconfigOf(shopNamespace, 'restarter');
  }, 180_000);

  afterAll(async () => {
    await cluster.stop();
  });

  async function grant(rules: readonly Rule[]): Promise<void> {
    await cluster.client.apply({ ...access(false).role, rules } as ObjectReference);
  }

  test('lacks nothing that is needed to plan, to restart and to look for the resources of others', async () => {
    const report = await restartWorkloads({ kubeconfig, injector });
    expect(report.restarted.map(({ kind, name }) => `${kind}/${name}`).sort()).toEqual([
      'DaemonSet/agent',
      'Deployment/cart',
      'Deployment/reviews-v1',
      'Deployment/reviews-v2',
      'StatefulSet/db',
    ]);
    expect(report.warnings.map(({ reason }) => reason).sort()).toEqual([
      'BarePod',
      'BareReplicaSet',
      'JobOwned',
      'ReplicationController',
    ]);
    await expect(refuseForeignResources({ kubeconfig }, [])).rejects.toMatchObject({ code: 'ForeignResources' });
  }, 180_000);

  test('lets the injector be asked alone, and a plan without that says so', async () => {
    await reconfigure(cluster, { proxyResources: { requests: { cpu: '130m' } } });
    const notes = async () => (await planRestarts({ kubeconfig, injector })).notes;
    expect(await notes()).toBeUndefined();
    const binding = access(true).injector.find(({ kind }) => kind === 'RoleBinding') as ObjectReference;
    await cluster.client.delete(binding);
    // The API server takes a moment to notice the deletion.
    await until(async () => (await notes()) !== undefined, 'the right to ask the injector being gone');
    expect(await notes()).toEqual([
      "differences that other admission webhooks cause are treated as Istio's, since the credentials may not create services/proxy https:istiod:443 in namespace istio-system",
    ]);
  }, 180_000);

  test('grants nothing that a plan could do without', async () => {
    const needed = access(false).role.rules.flatMap((rule) =>
      rule.resources.flatMap((resource) => rule.verbs.map((verb) => ({ rule, resource, verb }))),
    );
    const plannedWith = needed.filter(
      ({ resource, verb }) =>
        (verb === 'list' && !NOT_IN_A_PLAN.has(resource)) ||
        (verb === 'create' && resource === 'pods') ||
        (verb === 'get' && IN_A_PLAN.has(resource)),
    );
    const superfluous: string[] = [];
    for (const { rule, resource, verb } of plannedWith) {
      const others = needed.filter((one) => one.rule !== rule || one.resource !== resource || one.verb !== verb);
      await grant(others.map((one) => ({ ...one.rule, resources: [one.resource], verbs: [one.verb] })));
      const refusal = `cannot ${verb} resource "${resource}"`;
      let outcome = '';
      // The API server takes a moment to notice a changed ClusterRole.
      for (let attempt = 0; attempt < 10 && !outcome.includes(refusal); attempt++) {
        outcome = await planRestarts({ kubeconfig, injector }).then(
          () => 'planned all the same',
          (error: unknown) => (error as Error).message,
        );
      }
      if (!outcome.includes(refusal)) {
        superfluous.push(`${verb} ${resource}: ${outcome}`);
      }
    }
    expect(superfluous).toEqual([]);
  }, 180_000);
});

/**
 * Resources that are only read during rollouts, in clusters with such workloads or with workloads that enter or leave
 * the mesh, or after an uninstall.
 */
const NOT_IN_A_PLAN = new Set(['events', 'rollouts', 'peerauthentications', 'validatingwebhookconfigurations']);

/** Resources that are read one by one for a plan: the sample workloads include one of each. */
const IN_A_PLAN = new Set(['configmaps', 'replicasets', 'jobs', 'replicationcontrollers']);

function replicationController(): ObjectReference {
  const labels = { app: 'old-rc' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'app:1' }] } };
  const object = {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: { name: 'old-rc', namespace: shopNamespace },
    spec: { replicas: 1, selector: labels, template },
  };
  return object;
}
