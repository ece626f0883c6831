import { ApiObject, type Chart } from 'cdk8s';
import {
  ClientTls,
  MeshNamespace,
  MutualTls,
  PeerAuthentication,
  StrictPeerAuthentication,
  TrafficPolicy,
} from 'istio-module';
import { fakeModule } from '../synthesis';
import { plain, problemsOf } from './problems-of';

const strict = (chart: Chart) => {
  new MeshNamespace(chart, 'edge', { name: 'edge' });
  new StrictPeerAuthentication(chart, 'strict', { namespace: 'edge' });
};
/** A Service `public` of the namespace `edge` with pods. */
const served = (chart: Chart, ...pods: { readonly image?: string; readonly labels?: object }[]) => {
  plain(chart, 'Service', 'edge/public', { selector: { app: 'public' }, ports: [{ port: 443 }] });
  pods.forEach(({ image = 'app:1', labels = {} }, index) => {
    const name = `public-${String(index)}`;
    new ApiObject(chart, name, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace: 'edge' },
      spec: {
        template: {
          metadata: { labels: { app: 'public', ...labels } },
          spec: { containers: [{ name: 'app', image }] },
        },
      },
    });
  });
};
const client = (chart: Chart, host: string, clientTls = ClientTls.simple()) =>
  new TrafficPolicy(chart, 'client', { namespace: 'front', host, ports: { 443: { clientTls } } });
const EDGE = 'public.edge.svc.cluster.local';

describe('TLS toward a namespace that takes mutual TLS alone', () => {
  test.each<[string, (chart: Chart) => unknown]>([
    [
      'a gateway of the module',
      (chart) => {
        fakeModule(chart, { ingressGateways: [{ name: 'public' }] });
        client(chart, 'public.istio-system.svc.cluster.local');
      },
    ],
    [
      'all hosts of the namespace of a module with gateways',
      (chart) => {
        fakeModule(chart, { ingressGateways: [{ name: 'public' }] });
        client(chart, '*.istio-system.svc.cluster.local');
      },
    ],
    [
      'pods that get their image from the injector, as gateways do',
      (chart) => {
        strict(chart);
        served(chart, { image: 'auto' });
        client(chart, EDGE);
      },
    ],
    [
      'pods without a sidecar',
      (chart) => {
        strict(chart);
        served(chart, { labels: { 'sidecar.istio.io/inject': 'false' } });
        client(chart, EDGE);
      },
    ],
    [
      'all of the cluster, where only the namespaces of gateways require it',
      (chart) => {
        strict(chart);
        served(chart, { image: 'auto' });
        client(chart, '*.local');
      },
    ],
  ])('is fine for %s', (_, fill) => {
    expect(
      problemsOf((chart) => {
        fill(chart);
      }),
    ).toEqual([]);
  });

  test.each<[string, { readonly image?: string; readonly labels?: object }[]]>([
    ['some of whose pods have a sidecar', [{ image: 'auto' }, {}]],
    ['whose pods are not in the app', []],
  ])('is refused for a Service %s', (_, pods) => {
    expect(
      problemsOf((chart) => {
        strict(chart);
        served(chart, ...pods);
        client(chart, EDGE);
      }),
    ).toEqual([
      "[] DestinationRule front/client (mesh/client/destination-rule) has tls mode SIMPLE for host 'public.edge.svc.cluster.local', but because of PeerAuthentication edge/default (mesh/strict/Default), sidecars there only accept mutual TLS: leave tls out, because proxies detect which pods have a sidecar, or make the PeerAuthentication PERMISSIVE",
    ]);
  });
});

test('mutual TLS is fine for a gateway in a namespace whose sidecars do not accept it', () => {
  expect(
    problemsOf((chart) => {
      new MeshNamespace(chart, 'edge', { name: 'edge' });
      new PeerAuthentication(chart, 'peers', { namespace: 'edge', mode: MutualTls.DISABLE });
      served(chart, { image: 'auto' });
      client(chart, EDGE, ClientTls.ISTIO_MUTUAL);
    }),
  ).toEqual([]);
});
