import type { Chart } from 'cdk8s';
import {
  AuthorizationPolicy,
  ExistingIstio,
  KubernetesGateway,
  MeshNamespace,
  Requests,
  SidecarInjection,
  type AuthorizationPolicyProps,
  type MeshNamespaceProps,
} from 'istio-module';
import { messagesOf } from './messages-of';
import { plain, problemsOf } from './problems-of';

const said = (fill: (chart: Chart) => void) =>
  messagesOf((chart) => {
    new ExistingIstio(chart, 'istio');
    fill(chart);
  });
const policy = (chart: Chart, props: Partial<AuthorizationPolicyProps>) =>
  new AuthorizationPolicy(chart, 'policy', { rules: Requests.NONE, ...props });
const gateway = (chart: Chart, namespace: string) =>
  new KubernetesGateway(chart, `public-${namespace}`, {
    namespace,
    name: 'public',
    listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }],
  });
const targets = [{ kind: 'Gateway', name: 'public' }] as const;

describe('a policy with a Gateway as its target that the app only has in another namespace', () => {
  const because = (namespace: string) =>
    `AuthorizationPolicy ${namespace}/policy (mesh/policy/Default) has Gateway '${namespace}/public' as its target, which is not in the app, but the app has Gateway edge/public (mesh/public-edge/Default), and a policy only applies to targets of its own namespace`;

  test('is refused without a namespace, because the app puts it into the root namespace', () => {
    expect(
      said((chart) => {
        gateway(chart, 'edge');
        policy(chart, { targets });
      }),
    ).toEqual([`[] ${because('istio-system')}: set the prop namespace to 'edge', or to that of the intended Gateway`]);
  });

  test.each<[Partial<AuthorizationPolicyProps>, string]>([
    [{ namespace: 'shop' }, 'shop'],
    [{ namespace: 'istio-system' }, 'istio-system'],
    [{ rootNamespace: 'istio-system' }, 'istio-system'],
  ])('is a warning with %j, because another app may contain the Gateway there', (props, place) => {
    expect(
      said((chart) => {
        gateway(chart, 'edge');
        policy(chart, { ...props, targets });
      }),
    ).toEqual([
      `warning: ${because(place)}: put the policy into namespace 'edge', if the Gateway there is the intended one`,
    ]);
  });

  test('is fine if the app has the Gateway there, too, or has no such Gateway', () => {
    expect(
      said((chart) => {
        for (const namespace of ['edge', 'istio-system', 'shop']) gateway(chart, namespace);
        policy(chart, { targets });
        plain(chart, 'WasmPlugin', 'shop/plugin', {
          targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'public' }],
        });
      }),
    ).toEqual([]);
    expect(said((chart) => policy(chart, { namespace: 'shop', targets }))).toEqual([]);
  });
});

describe('a policy for the GatewayClass of waypoints', () => {
  const waypoints = [{ kind: 'GatewayClass', name: 'istio-waypoint' }] as const;

  test('is refused outside the root namespace', () => {
    expect(said((chart) => policy(chart, { namespace: 'shop', targets: waypoints }))).toEqual([
      "[] AuthorizationPolicy shop/policy (mesh/policy/Default) has GatewayClass 'istio-waypoint' as its target, which only has an effect in the root namespace 'istio-system': put the policy into that namespace, or name Gateways of its own namespace",
    ]);
  });

  test('is fine in the root namespace', () => {
    for (const namespace of [undefined, 'istio-system']) {
      expect(said((chart) => policy(chart, { namespace, targets: waypoints }))).toEqual([]);
    }
  });

  test('is refused for another class', () => {
    expect(() => problemsOf((chart) => policy(chart, { targets: [{ kind: 'GatewayClass', name: 'istio' }] }))).toThrow(
      "AuthorizationPolicy mesh/policy: targets: GatewayClass 'istio' has no effect, because Istio only attaches policies to the class of waypoints: write 'istio-waypoint', or name a Gateway",
    );
  });
});

describe('a policy for a Service', () => {
  const shop = (chart: Chart, props: Partial<MeshNamespaceProps> = {}) =>
    new MeshNamespace(chart, 'shop', { name: 'shop', ...props });
  const service = [{ kind: 'Service', name: 'payments' }] as const;

  test('is a warning where pods have sidecars, because they ignore it', () => {
    expect(
      said((chart) => {
        shop(chart);
        policy(chart, { namespace: 'shop', targets: service });
      }),
    ).toEqual([
      "warning: AuthorizationPolicy shop/policy (mesh/policy/Default) has Service 'payments' as its target, which only has an effect at a waypoint, but namespace 'shop' (mesh/shop/Default) has injection enabled, and sidecars ignore the policy: set workload to the labels of the pods instead of targets, unless a waypoint serves the target",
    ]);
  });

  test.each<[string, (chart: Chart) => unknown]>([
    ['the namespace is not in the app', () => undefined],
    ['the namespace has a waypoint', (chart) => shop(chart, { labels: { 'istio.io/use-waypoint': 'waypoint' } })],
    [
      'the app has a waypoint',
      (chart) => {
        shop(chart);
        new KubernetesGateway(chart, 'waypoint', {
          namespace: 'shop',
          gatewayClass: 'istio-waypoint',
          listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }],
        });
      },
    ],
  ])('is fine if %s', (_, fill) => {
    expect(
      said((chart) => {
        fill(chart);
        policy(chart, { namespace: 'shop', targets: service });
      }),
    ).toEqual([]);
  });

  test('causes no second warning where injection is disabled', () => {
    const found = said((chart) => {
      shop(chart, { injection: SidecarInjection.DISABLED });
      policy(chart, { namespace: 'shop', targets: service });
    });
    expect(found).toEqual([expect.stringContaining('has injection disabled')]);
  });
});
