import {
  ClientTls,
  MeshNamespace,
  MeshTelemetry,
  OutboundTrafficPolicyMode,
  PlaintextService,
  Resolution,
  ServiceEntry,
  SidecarInjection,
  TrafficPolicy,
} from 'istio-module';
import { appPort } from '../traffic-app';
import { accessLog, plain, shop, tracing, type TrafficMesh } from '../traffic-mesh';
import { promise } from '../traffic-promise';

/** An outside server: a pod that no Service names, asked for by its address. */
async function askOutside(mesh: TrafficMesh, host: string): Promise<number | undefined> {
  const [caller, outside] = await Promise.all([mesh.pod(shop, 'caller'), mesh.pod(plain, 'outside')]);
  const [answer] = await caller.send(`http://${outside.address}:${String(appPort)}/`, { headers: { host } });
  return answer?.status;
}

/** What crosses the border of the mesh: pods without sidecars, and outside hosts. */
export const borders = [
  promise({
    title: 'a namespace without injection is reached, whatever clients are told about the rest of the mesh',
    given: (chart) => {
      new TrafficPolicy(chart, 'mesh', {
        namespace: 'istio-system',
        host: '*.local',
        clientTls: ClientTls.ISTIO_MUTUAL,
      });
    },
    objects: (chart) => {
      new MeshNamespace(chart, 'plain', { name: plain, injection: SidecarInjection.DISABLED });
    },
    observe: async (mesh) => (await (await mesh.pod(shop, 'caller')).send('http://outside-too.plain/'))[0]?.status,
    kept: (status) => status === 200,
  }),
  promise({
    title: 'a headless Service is reached though only some of its pods have sidecars',
    objects: (chart) => {
      new PlaintextService(chart, 'mainframe', {
        namespace: shop,
        service: 'mainframe',
        workload: { app: 'mainframe' },
      });
    },
    observe: async (mesh) => {
      const caller = await mesh.pod(shop, 'caller');
      const hosts = (await mesh.pods(shop, 'mainframe')).map(({ address }) => address);
      const headers = { host: `mainframe:${String(appPort)}` };
      return Promise.all(
        hosts.map(async (host) => (await caller.send(`http://${host}:${String(appPort)}/`, { headers }))[0]?.status),
      );
    },
    kept: (statuses) => statuses.length === 2 && statuses.every((status) => status === 200),
  }),
  promise(
    {
      title: 'REGISTRY_ONLY refuses hosts that the mesh does not know',
      ofModule: (mesh) =>
        mesh
          .module({ meshConfig: { outboundTrafficPolicy: { mode: OutboundTrafficPolicyMode.REGISTRY_ONLY } } })
          .filter(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'istio'),
      observe: (mesh) => askOutside(mesh, 'outside.example.com'),
      kept: (status) => status === 502,
    },
    true,
  ),
  promise({
    title: 'with REGISTRY_ONLY, a ServiceEntry makes an outside host known, and others stay unknown',
    objects: async (chart, mesh) => {
      new ServiceEntry(chart, 'outside', {
        namespace: shop,
        hosts: ['outside.example.com'],
        ports: [{ number: appPort, protocol: 'HTTP' }],
        resolution: Resolution.static({ address: (await mesh.pod(plain, 'outside')).address }),
      });
    },
    observe: async (mesh) => [
      await askOutside(mesh, 'outside.example.com'),
      await askOutside(mesh, 'elsewhere.example.com'),
    ],
    kept: ([known, unknown]) => known === 200 && unknown === 502,
  }),
  promise({
    title: 'with REGISTRY_ONLY, proxies of a namespace reach what its scope names, and nothing else',
    objects: (chart) => {
      new MeshNamespace(chart, 'shop', { name: shop, egress: { hosts: ['./*', 'istio-system/*'] } });
    },
    observe: async (mesh) => {
      const caller = await mesh.pod(shop, 'caller');
      const [inside, beyond] = [await caller.send('http://echo/'), await caller.send('http://outside-too.plain/')];
      return [inside[0]?.status, beyond[0]?.status];
    },
    kept: (seen) => seen.join() === '200,502',
  }),
];

/** What proxies report about traffic. */
export const telemetry = [
  promise({
    title: 'spans arrive at an OTLP collector',
    objects: (chart) => {
      new MeshTelemetry(chart, 'telemetry', {
        namespace: shop,
        tracing: { provider: tracing.providerName, samplingPercent: 100 },
      });
    },
    observe: async (mesh) => {
      await (await mesh.pod(shop, 'caller')).send('http://echo/', { count: 5 });
      return (await (await mesh.pod(plain, 'collector')).received()).spans;
    },
    kept: (spans) => Object.entries(spans).some(([service, count]) => service === 'echo.shop' && count > 0),
  }),
  promise({
    title: 'access logs are written',
    objects: (chart) => {
      new MeshTelemetry(chart, 'telemetry', { namespace: shop, accessLogs: [{ providers: [accessLog.providerName] }] });
    },
    observe: async (mesh) => {
      const path = `/logged-${String(Date.now())}`;
      await (await mesh.pod(shop, 'caller')).send(`http://echo${path}`);
      const lines = (await mesh.log(shop, 'caller', 'istio-proxy')).split('\n');
      return lines.filter((line) => line.includes(path));
    },
    kept: (lines) => lines.some((line) => line.includes('200')),
  }),
];
