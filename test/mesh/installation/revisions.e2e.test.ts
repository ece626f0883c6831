import { IstioCharts, IstioModule, MeshNamespace, SidecarInjection } from 'istio-module';
import { awaitControlPlane } from 'istio-module/engine';
import { applyInOrder } from '../../control-plane/apply-in-order';
import { ControlPlane } from '../../control-plane/control-plane';
import { Istiod } from '../../control-plane/istiod';
import { serviceAccountIn, type KubeClient, type KubeObject } from '../../control-plane/kube-client';
import { acceptedByApi } from '../accepted-by-api';
import { emptyChart, fakeModule, named, synthesized } from '../synthesis';

interface Container {
  readonly name: string;
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
}

describe('two control planes of one mesh', () => {
  let controlPlane: ControlPlane;
  let stable: Istiod;
  let canary: Istiod;
  let client: KubeClient;
  beforeAll(async () => {
    controlPlane = await ControlPlane.start();
    stable = await Istiod.follow(controlPlane);
    canary = await Istiod.follow(controlPlane, { deployment: 'istiod-canary', revision: 'canary' });
    client = await controlPlane.connect();
  }, 1_800_000);
  afterAll(async () => {
    client.close();
    await stable.unfollow();
    await canary.unfollow();
    await controlPlane.stop();
  });

  const real = (cpu: string) => ({
    version: '1.31.1',
    helmExecutable: controlPlane.programs.helm,
    charts: IstioCharts.directory(controlPlane.programs.istioCharts),
    istiod: { replicas: 1 },
    proxy: { resources: { requests: { cpu } } },
  });

  /** The proxy that a pod of a namespace gets: its CPU request, and the control plane that it connects to. */
  async function injected(namespace: string) {
    await serviceAccountIn(client, namespace);
    const pod = await client.apply<KubeObject & { spec: Record<string, readonly Container[] | undefined> }>(
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'probe', namespace },
        ...{ spec: { containers: [{ name: 'probe', image: 'probe' }] } },
      },
      { dryRun: true },
    );
    const containers = [...(pod.spec.initContainers ?? []), ...(pod.spec.containers ?? [])];
    const proxy = containers.find(({ name }) => name === 'istio-proxy');
    const config = proxy?.env?.find(({ name }) => name === 'PROXY_CONFIG')?.value ?? '{}';
    const { discoveryAddress = 'istiod.istio-system.svc:15012' } = JSON.parse(config) as { discoveryAddress?: string };
    return { cpu: proxy?.resources?.requests?.cpu, discoveryAddress };
  }

  test('each inject the namespaces that ask for them', async () => {
    const chart = emptyChart();
    const beside = fakeModule(chart, { ...real('11m'), revisionTags: ['stable'] });
    new IstioModule(chart, 'second', {
      ...{ ...real('22m'), beside },
      ...{ revision: 'canary', revisionTags: ['next'] },
    });
    new MeshNamespace(chart, 'plain', { name: 'plain' });
    for (const name of ['stable', 'canary', 'next']) {
      new MeshNamespace(chart, name, { name, injection: SidecarInjection.revision(name) });
    }
    const manifests = synthesized(chart);
    await applyInOrder(
      manifests,
      (manifest) => acceptedByApi(client, manifest),
      async () => {
        await Promise.all([stable.ready(), canary.ready()]);
        await awaitControlPlane({ kubeconfig: controlPlane.kubeconfig });
      },
    );
    expect(named(manifests, 'Namespace/istio-system').metadata.labels).toEqual({ 'istio-injection': 'enabled' });

    const old = { cpu: '11m', discoveryAddress: 'istiod.istio-system.svc:15012' };
    const next = { cpu: '22m', discoveryAddress: 'istiod-canary.istio-system.svc:15012' };
    expect({
      plain: await injected('plain'),
      stable: await injected('stable'),
      canary: await injected('canary'),
      next: await injected('next'),
    }).toEqual({ plain: old, stable: old, canary: next, next });
  }, 180_000);
});
