import { setTimeout as sleep } from 'node:timers/promises';
import { Duration } from 'cdk8s';
import type { SidecarSettingsOptions } from 'istio-module';
import { onRealNode } from '../control-plane/real-node/on-real-node';
import { appDeployment, appService, grpcPort, servicePort, tcpPort, type StreamOrder } from './traffic-app';
import { shop, TrafficMesh } from './traffic-mesh';

/** Callees with sidecars of both kinds, and one whose proxy drains for a fixed time. */
const callees: Readonly<Record<string, SidecarSettingsOptions>> = {
  native: { nativeSidecar: true },
  ordinary: { nativeSidecar: false },
  fixed: { nativeSidecar: false, proxyConfig: { terminationDrainDuration: Duration.seconds(10) } },
};
const ports = { grpc: grpcPort, websocket: servicePort, tcp: tcpPort } as const;
const kinds = Object.keys(ports) as StreamOrder['kind'][];
const messagesPerSecond = 10;

onRealNode('connections that are open when their pod is told to end', () => {
  let mesh: TrafficMesh;

  beforeAll(async () => {
    mesh = await TrafficMesh.start();
    await mesh.install({ ingressGateways: [] });
    await mesh.apply([
      ...Object.entries(callees).flatMap(([name, sidecar]) => [
        ...appDeployment({ name, namespace: shop, sidecar }),
        appService(name, shop),
      ]),
      ...appDeployment({ name: 'client', namespace: shop }),
    ]);
    await mesh.available(shop, ...Object.keys(callees), 'client');
  }, 600_000);

  afterAll(async () => {
    await (mesh as TrafficMesh | undefined)?.stop();
  }, 60_000);

  /** What comes of a stream of each kind to a callee whose pod is told to end when the streams are a second old. */
  async function streamed(callee: string, seconds: number): Promise<Record<string, string>> {
    const client = await mesh.pod(shop, 'client');
    const streams = kinds.map(async (kind) => {
      const { messages, error } = await client.stream({ kind, target: `${callee}:${String(ports[kind])}`, seconds });
      const isWhole = messages === seconds * messagesPerSecond && error === undefined;
      return [kind, isWhole ? 'whole' : 'cut'] as const;
    });
    await sleep(1_000);
    const pods = await mesh.client.list('v1', 'Pod', { namespace: shop, labelSelector: `app=${callee}` });
    await Promise.all(
      pods.map(({ metadata: { name } }) =>
        mesh.client.delete({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: shop } }),
      ),
    );
    return Object.fromEntries(await Promise.all(streams));
  }

  const every = (result: string) => Object.fromEntries(kinds.map((kind) => [kind, result]));

  test('end by themselves within the grace period, unless their sidecar drains for less', async () => {
    // Five seconds the application serves on, and five more it may take to stop.
    const found = await Promise.all(
      Object.keys(callees).map(async (name) => [name, await streamed(name, 14)] as const),
    );
    expect(Object.fromEntries(found)).toEqual({
      native: every('whole'),
      ordinary: every('whole'),
      fixed: every('cut'),
    });
  }, 120_000);
});
