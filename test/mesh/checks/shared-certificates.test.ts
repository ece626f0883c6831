import type { Chart } from 'cdk8s';
import { Gateway, ServerTls, type GatewayServer } from 'istio-module';
import { saidOf } from '../said-of';

const https = (host: string, credentialName: string, port = 443): GatewayServer => ({
  port,
  protocol: 'HTTPS',
  hosts: [host],
  tls: ServerTls.simple({ credentialName }),
});
const gateway = (chart: Chart, id: string, servers: readonly GatewayServer[], istio = 'ingress') =>
  new Gateway(chart, id, { namespace: 'edge', selector: { istio }, servers });

describe('HTTPS servers at one port with the same certificate', () => {
  const because = 'so browsers may reuse a connection to one server for the hosts of the other, and get 404';

  test('are a warning in one Gateway', () => {
    const servers = [https('a.example.com', 'wild'), https('b.example.com', 'wild')];
    expect(saidOf((chart) => gateway(chart, 'a', servers))).toEqual([
      `warning: Gateway edge/a (mesh/a/Default) presents certificate 'wild' in servers[0] and servers[1] at port 443, ${because}: put the hosts into one server, or give each host its own certificate`,
    ]);
  });

  test('are a warning in two Gateways for the same pods, once', () => {
    expect(
      saidOf((chart) => {
        gateway(chart, 'a', [https('a.example.com', 'wild')]);
        gateway(chart, 'b', [https('b.example.com', 'wild'), https('c.example.com', 'wild')]);
      }),
    ).toEqual([
      `warning: Gateway edge/b (mesh/b/Default) presents certificate 'wild' at port 443, and so does Gateway edge/a (mesh/a/Default) for the same selector, ${because}: put the hosts into one server of one Gateway, or give each host its own certificate`,
    ]);
  });

  test('are fine at different ports, and for different pods', () => {
    expect(
      saidOf((chart) => {
        gateway(chart, 'a', [https('a.example.com', 'wild'), https('b.example.com', 'wild', 8443)]);
        gateway(chart, 'b', [https('c.example.com', 'wild')], 'other');
      }),
    ).toEqual([]);
  });
});
