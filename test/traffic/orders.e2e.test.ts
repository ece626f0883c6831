import { setTimeout as sleep } from 'node:timers/promises';
import { isOfIstio } from '../control-plane/apply-in-order';
import type { KubeObject, ObjectReference } from '../control-plane/kube-client';
import { onRealNode } from '../control-plane/real-node/on-real-node';
import { type PulumiResult, PulumiWorkspace } from '../control-plane/pulumi-workspace';
import { PROJECT } from '../e2e/mesh-cluster';
import { runCli } from '../cli/run-cli';
import { Exchange, type ExchangeReport } from './exchange';
import { appDeployment, appService } from './traffic-app';
import { moduleProps, shop, TrafficMesh } from './traffic-mesh';

/** A caller that is restarted before its callee, and one that is restarted after it: restarts go by name. */
const pairs = [
  ['a-caller', 'z-callee'],
  ['z-caller', 'a-callee'],
] as const;
const workloads = pairs.flat();

const namespace = (name: string, injection: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { 'istio-injection': injection } },
});
const isStrictPolicy = ({ kind }: ObjectReference) => kind === 'PeerAuthentication';
const isInjector = ({ kind }: ObjectReference) => kind === 'MutatingWebhookConfiguration';

onRealNode('under load, with callers and callees in both orders', () => {
  let mesh: TrafficMesh;

  beforeAll(async () => {
    mesh = await TrafficMesh.start();
    for (const name of [shop, 'legacy']) {
      await mesh.client.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    }
    await mesh.apply([
      ...workloads.flatMap((name) => appDeployment({ name, namespace: shop, servesOnSeconds: 10 })),
      ...workloads.map((name) => appService(name, shop)),
      ...appDeployment({ name: 'stranger', namespace: 'legacy' }),
    ]);
    await mesh.available(shop, ...workloads);
    await mesh.available('legacy', 'stranger');
  }, 600_000);

  afterAll(async () => {
    await (mesh as TrafficMesh | undefined)?.stop();
  }, 60_000);

  /** Runs work while each caller calls its callee. */
  async function underLoad(work: () => Promise<void>): Promise<Record<string, ExchangeReport>> {
    const exchanges = pairs.map(([caller, callee]) => new Exchange(mesh, shop, caller, `http://${callee}.${shop}/`));
    try {
      await work();
      // By then, istiod has sent its last configuration to the proxies.
      await sleep(5_000);
    } finally {
      await Promise.all(exchanges.map((exchange) => exchange.stop()));
    }
    const reports = await Promise.all(exchanges.map((exchange) => exchange.stop()));
    return Object.fromEntries(
      pairs.map(([caller, callee], index) => [`${caller} → ${callee}`, reports[index] as never]),
    );
  }

  const withoutFailure = Object.fromEntries(
    pairs.map(([caller, callee]) => [`${caller} → ${callee}`, { total: expect.any(Number) as unknown, failures: {} }]),
  );

  async function sidecars(): Promise<boolean[]> {
    const pods = await mesh.client.list('v1', 'Pod', { namespace: shop });
    return pods
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map(({ metadata }) => metadata.annotations?.['sidecar.istio.io/status'] !== undefined);
  }

  /** What a pod without a sidecar gets: 0 where mutual TLS is STRICT. */
  async function plainText(): Promise<number | undefined> {
    const [answer] = await (await mesh.pod('legacy', 'stranger')).send(`http://z-callee.${shop}/`);
    return answer?.status;
  }

  async function run(...args: readonly string[]): Promise<void> {
    const { code, stdout, stderr } = await runCli(args, { env: { KUBECONFIG: mesh.controlPlane.kubeconfig } });
    expect({ code, output: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, output: '' });
  }

  describe('with Pulumi', () => {
    let workspace: PulumiWorkspace;

    beforeAll(async () => {
      workspace = await PulumiWorkspace.create({
        project: PROJECT,
        state: `${mesh.controlPlane.directory}/pulumi`,
        env: mesh.controlPlane.env(),
      });
      await workspace.init('dev');
      const { proxy, values } = moduleProps;
      await workspace.setConfig('charts', mesh.controlPlane.programs.istioCharts);
      await workspace.setConfig('ownership', 'adopt');
      await workspace.setConfig('values', JSON.stringify(values));
      await workspace.setConfig('proxyResources', JSON.stringify(proxy?.resources));
    }, 60_000);

    test('a first installation loses no request, and ends STRICT', async () => {
      const reports = await underLoad(async () => {
        succeeded(await workspace.up());
      });
      expect(reports).toEqual(withoutFailure);
      expect(await sidecars()).toEqual(workloads.map(() => true));
      expect(await plainText()).toBe(0);
    }, 400_000);

    test('an uninstall loses no request', async () => {
      const reports = await underLoad(async () => {
        succeeded(await workspace.destroy());
      });
      expect(reports).toEqual(withoutFailure);
      expect(await sidecars()).toEqual(workloads.map(() => false));
      expect(await plainText()).toBe(200);
    }, 400_000);
  });

  describe('with the command line', () => {
    test('workloads enter a mesh that is STRICT already, and no request is lost', async () => {
      const objects = mesh.module();
      await mesh.apply(objects.filter((object) => !isOfIstio(object) && object.metadata.name !== shop));
      await mesh.available('istio-system', 'istiod');
      await mesh.apply(objects.filter(isOfIstio));
      await mesh.client.apply(namespace(shop, 'enabled'), { force: true });
      const reports = await underLoad(() => run('restart', '--yes'));
      expect(reports).toEqual(withoutFailure);
      expect(await sidecars()).toEqual(workloads.map(() => true));
      expect(await plainText()).toBe(0);
    }, 400_000);

    test('sidecars are removed while istiod serves, and no request is lost', async () => {
      const objects = mesh.module();
      const reports = await underLoad(async () => {
        await mesh.delete(objects.filter(isStrictPolicy));
        await mesh.delete(objects.filter(isInjector));
        await run('remove', '--yes');
        await mesh.delete(objects.filter((object) => object.metadata.name === 'istiod'));
      });
      expect(reports).toEqual(withoutFailure);
      expect(await sidecars()).toEqual(workloads.map(() => false));
    }, 400_000);
  });

  test('the measurement sees failures: a callee that is alone in a STRICT mesh refuses its caller', async () => {
    const objects = mesh.module();
    await mesh.apply(objects.filter((object) => !isOfIstio(object) && object.metadata.name !== shop));
    await mesh.available('istio-system', 'istiod');
    await mesh.apply(objects.filter(isOfIstio));
    await mesh.client.apply(namespace(shop, 'enabled'), { force: true });
    const reports = await underLoad(() => mesh.restart(shop, 'z-callee'));
    expect(Object.keys(reports['a-caller → z-callee']?.failures ?? {})).not.toEqual([]);
  }, 400_000);
});

function succeeded({ exitCode, stdout, stderr }: PulumiResult): void {
  expect({ exitCode, output: exitCode === 0 ? '' : stdout + stderr }).toEqual({ exitCode: 0, output: '' });
}
