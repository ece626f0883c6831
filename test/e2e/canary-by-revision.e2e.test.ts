import { App, Chart } from 'cdk8s';
import { IstioCharts, IstioModule, MeshNamespace, SidecarInjection } from 'istio-module';
import { planRestarts, restartWorkloads, type RestartOptions } from 'istio-module/engine';
import { applyInOrder } from '../control-plane/apply-in-order';
import { ControlPlane } from '../control-plane/control-plane';
import { Istiod } from '../control-plane/istiod';
import { serviceAccountIn, type KubeClient } from '../control-plane/kube-client';
import { viewWorkloads } from '../demo/workload-views';
import { acceptedByApi } from '../mesh/accepted-by-api';
import { synthesized, type Manifest } from '../mesh/synthesis';
import { rolledBetween } from './rolled-between';
import { smallDeployment } from './small-deployment';

/** Each namespace has one workload of the same name. */
const NAMESPACES = ['plain', 'tagged', 'canary', 'labeled'];

describe('two control planes of one mesh', () => {
  let controlPlane: ControlPlane;
  let stable: Istiod;
  let canary: Istiod;
  let client: KubeClient;
  let options: RestartOptions;

  beforeAll(async () => {
    controlPlane = await ControlPlane.start();
    stable = await Istiod.follow(controlPlane);
    canary = await Istiod.follow(controlPlane, { deployment: 'istiod-canary', revision: 'canary' });
    client = await controlPlane.connect();
    options = {
      kubeconfig: controlPlane.kubeconfig,
      injector: { deadlineSeconds: 60, settleSeconds: 1, probes: 2 },
      timeoutSeconds: 60,
    };
  }, 1_800_000);

  afterAll(async () => {
    client.close();
    await stable.unfollow();
    await canary.unfollow();
    await controlPlane.stop();
  });

  /**
   * Manifests of both control planes. The parameters say which of them has the tag `prod`, and which revision the
   * namespace `labeled` names.
   */
  function manifests(tagHolder: 'default' | 'canary', label: 'prod' | 'canary'): readonly Manifest[] {
    const chart = new Chart(new App(), 'mesh');
    const propsFor = (revision: 'default' | 'canary') => ({
      version: '1.31.1',
      helmExecutable: controlPlane.programs.helm,
      charts: IstioCharts.directory(controlPlane.programs.istioCharts),
      istiod: { replicas: 1 },
      revisionTags: tagHolder === revision ? ['prod'] : [],
    });
    const beside = new IstioModule(chart, 'istio', propsFor('default'));
    new IstioModule(chart, 'second', { ...propsFor('canary'), beside, revision: 'canary' });
    const revisions = { tagged: 'prod', canary: 'canary', labeled: label };
    new MeshNamespace(chart, 'plain', { name: 'plain' });
    for (const [name, revision] of Object.entries(revisions)) {
      new MeshNamespace(chart, name, { name, injection: SidecarInjection.revision(revision) });
    }
    return synthesized(chart);
  }

  function apply(objects: readonly Manifest[]): Promise<void> {
    return applyInOrder(
      objects,
      (object) => acceptedByApi(client, object),
      () => Promise.all([stable.ready(), canary.ready()]),
    );
  }

  /** The namespaces whose workload the plan restarts, with the reason, and those whose workload the run rolled. */
  async function restarted() {
    const { workloads } = await planRestarts(options);
    const planned = workloads.filter(({ decision }) => decision === 'restart');
    const before = await viewWorkloads(client, NAMESPACES);
    await restartWorkloads(options);
    const rolled = rolledBetween(before, await viewWorkloads(client, NAMESPACES));
    return {
      planned: planned.map(({ namespace }) => namespace),
      rolled: rolled.map((name) => name.split('/')[1]),
      revisions: planned.map(({ differences }) => {
        const { old = '', new: now = '' } = differences.find(({ path }) => path === 'istio.io/rev') ?? {};
        return `${old} → ${now}`;
      }),
    };
  }

  it('have the workloads behind a moved label, and behind a moved tag, restarted, and no others', async () => {
    await apply(manifests('default', 'prod'));
    for (const namespace of NAMESPACES) {
      await serviceAccountIn(client, namespace);
      await client.apply(smallDeployment(namespace, namespace));
    }
    await restartWorkloads(options);
    expect(await restarted()).toEqual({ planned: [], rolled: [], revisions: [] });

    await apply(manifests('default', 'canary'));
    expect(await restarted()).toEqual({ planned: ['labeled'], rolled: ['labeled'], revisions: ['default → canary'] });

    await apply(manifests('canary', 'canary'));
    expect(await restarted()).toEqual({ planned: ['tagged'], rolled: ['tagged'], revisions: ['default → canary'] });
  }, 300_000);
});
