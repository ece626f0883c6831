import { ApiObject, JsonPatch, type Chart } from 'cdk8s';
import {
  ClientTls,
  MeshNamespace,
  MutualTls,
  PeerAuthentication,
  StrictPeerAuthentication,
  TrafficPolicy,
} from 'istio-module';
import { emptyChart, fakeModule, synthesized } from '../synthesis';
import { messagesOf } from './messages-of';
import { plain, problemsOf } from './problems-of';

const strict = (chart: Chart) => {
  new MeshNamespace(chart, 'edge', { name: 'edge' });
  new StrictPeerAuthentication(chart, 'strict', { namespace: 'edge' });
};
interface Pods {
  readonly kind?: string;
  readonly image?: string;
  readonly labels?: object;
  readonly annotations?: object;
  readonly hostNetwork?: boolean;
}
/** A Service `public` of the namespace `edge` with pods. */
const served = (chart: Chart, ...pods: readonly Pods[]) => {
  plain(chart, 'Service', 'edge/public', { selector: { app: 'public' }, ports: [{ port: 443 }] });
  pods.forEach(({ kind = 'Deployment', image = 'app:1', labels = {}, annotations = {}, hostNetwork }, index) => {
    const name = `public-${String(index)}`;
    new ApiObject(chart, name, {
      apiVersion: 'apps/v1',
      kind,
      metadata: { name, namespace: 'edge' },
      spec: {
        template: {
          metadata: { labels: { app: 'public', ...labels }, annotations },
          spec: { hostNetwork, containers: [{ name: 'app', image }] },
        },
      },
    });
  });
};
const client = (chart: Chart, host: string, clientTls = ClientTls.simple()) =>
  new TrafficPolicy(chart, 'client', { namespace: 'front', host, ports: { 443: { clientTls } } });
const EDGE = 'public.edge.svc.cluster.local';
/** The problems of an app, and the warnings about modes of TLS. */
const said = (fill: (chart: Chart) => void) =>
  messagesOf(fill).filter((message) => !message.startsWith('warning: ') || message.includes('has tls mode'));
const INJECT = 'sidecar.istio.io/inject';

describe('client TLS for a namespace that accepts only mutual TLS', () => {
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
        served(chart, { labels: { [INJECT]: 'false' } });
        client(chart, EDGE);
      },
    ],
    [
      'pods whose annotation prevents injection',
      (chart) => {
        strict(chart);
        served(chart, { annotations: { [INJECT]: 'false' } });
        client(chart, EDGE);
      },
    ],
    [
      'a Service without a selector',
      (chart) => {
        strict(chart);
        plain(chart, 'Service', 'edge/public', { ports: [{ port: 443 }] });
        client(chart, EDGE);
      },
    ],
    [
      'all hosts of a namespace whose pods have no sidecar',
      (chart) => {
        strict(chart);
        served(chart, { hostNetwork: true });
        client(chart, '*.edge.svc.cluster.local');
      },
    ],
    [
      'pods on the network of their node that a MeshNamespace lists as without sidecars',
      (chart) => {
        fakeModule(chart);
        new MeshNamespace(chart, 'edge', { name: 'edge', withoutSidecars: ['public'] });
        served(chart, { kind: 'DaemonSet', hostNetwork: true });
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
      said((chart) => {
        fill(chart);
      }),
    ).toEqual([]);
  });

  const mismatch =
    "DestinationRule front/client (mesh/client/destination-rule) has tls mode SIMPLE for host 'public.edge.svc.cluster.local', but because of PeerAuthentication edge/default (mesh/strict/Default), sidecars there only accept mutual TLS: leave tls out, because proxies detect which pods have a sidecar, or make the PeerAuthentication PERMISSIVE";

  test.each<[string, Pods[]]>([
    ['some of whose pods have a sidecar', [{ image: 'auto' }, {}]],
    [
      'whose pods have a label that precedes their annotation',
      [{ labels: { [INJECT]: 'true' }, annotations: { [INJECT]: 'false' } }],
    ],
  ])('is refused for a Service %s', (_, pods) => {
    expect(
      said((chart) => {
        strict(chart);
        served(chart, ...pods);
        client(chart, EDGE);
      }),
    ).toEqual([`[] ${mismatch}`]);
  });

  test.each<[string, (chart: Chart) => void]>([
    [
      'whose pods are not in the app',
      (chart) => {
        served(chart);
      },
    ],
    ['that is not in the app', () => undefined],
  ])('is a warning for a Service %s', (_, fill) => {
    expect(
      said((chart) => {
        strict(chart);
        fill(chart);
        client(chart, EDGE);
      }),
    ).toEqual([`warning: ${mismatch}, unless the pods have no sidecar`]);
  });

  test('is checked again when the pods have changed', () => {
    const chart = emptyChart();
    strict(chart);
    served(chart, {});
    client(chart, EDGE);
    expect(() => synthesized(chart)).toThrow('sidecars there only accept mutual TLS');
    const pods = chart.node.findChild('public-0') as ApiObject;
    pods.addJsonPatch(JsonPatch.add('/spec/template/spec/hostNetwork', true));
    expect(() => synthesized(chart)).not.toThrow();
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
