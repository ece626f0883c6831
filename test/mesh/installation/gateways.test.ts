import type { IstioModuleProps } from 'istio-module';
import { emptyChart, fakeModule, synthesized, title, valuesOf } from '../synthesis';

describe('gateways', () => {
  test('are rendered for ingress and egress, each with its own settings', () => {
    const chart = emptyChart();
    const { gateways } = fakeModule(chart, {
      gracefulTermination: false,
      ingressGateways: [
        {
          name: 'public',
          externalTrafficPolicy: 'Local',
          replicas: { min: 2, max: 4, targetCpuPercent: 70 },
          resources: { requests: { cpu: '1' } },
        },
        { name: 'ports', serviceType: 'NodePort', externalTrafficPolicy: 'Cluster', replicas: 3 },
      ],
      egressGateways: [
        { name: 'exit' },
        { name: 'outer', namespace: 'edge', serviceType: 'LoadBalancer', values: { service: { type: 'None' } } },
      ],
    });
    const manifests = synthesized(chart);
    expect([...gateways.keys()]).toEqual(['public', 'ports', 'exit', 'outer']);
    expect(valuesOf(manifests, 'public')).toEqual({
      service: { externalTrafficPolicy: 'Local' },
      autoscaling: { enabled: true, minReplicas: 2, maxReplicas: 4, targetCPUUtilizationPercentage: 70 },
      resources: { requests: { cpu: '1' } },
    });
    expect(valuesOf(manifests, 'ports')).toEqual({
      service: { type: 'NodePort', externalTrafficPolicy: 'Cluster' },
      autoscaling: { enabled: false },
      replicaCount: 3,
    });
    expect(valuesOf(manifests, 'exit')).toEqual({ service: { type: 'ClusterIP' } });
    expect(valuesOf(manifests, 'outer')).toEqual({ service: { type: 'None' } });
    expect(manifests.map(title)).toEqual(
      expect.arrayContaining(['Deployment/istio-system/exit', 'Deployment/edge/outer']),
    );
  });

  test.each<[string, Partial<IstioModuleProps>, string]>([
    [
      'a name twice',
      { ingressGateways: [{ name: 'a' }], egressGateways: [{ name: 'a' }] },
      "egress gateway 'a' is defined twice: give each a different name",
    ],
    [
      'an invalid name',
      { egressGateways: [{ name: 'A' }] },
      "egress gateway 'A' is not a valid name: write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit",
    ],
    [
      'an invalid namespace',
      { ingressGateways: [{ name: 'a', namespace: 'a.b' }] },
      "ingress gateway 'a': namespace 'a.b' is not a valid name: write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit",
    ],
    [
      'an invalid revision',
      { ingressGateways: [{ name: 'a', namespace: 'edge', revision: '1.31' }] },
      "ingress gateway 'a': revision '1.31' is not a valid name: write at most 56 lower-case letters, digits and hyphens, such as '1-31-1'",
    ],
    [
      'an external policy inside',
      { egressGateways: [{ name: 'a', externalTrafficPolicy: 'Local' }] },
      "egress gateway 'a': externalTrafficPolicy 'Local' is not supported for a Service of type ClusterIP, which is not reachable from outside: leave it out, or set serviceType",
    ],
    [
      'a minimum above the maximum',
      { ingressGateways: [{ name: 'a', replicas: { min: 3, max: 2 } }] },
      "ingress gateway 'a': replicas.min 3 is above replicas.max 2: set both, with min not above max",
    ],
    [
      'requests above limits',
      { ingressGateways: [{ name: 'a', resources: { limits: { memory: '64Mi' } } }] },
      "ingress gateway 'a': resources.requests.memory '128Mi' (the chart's default) is above resources.limits.memory '64Mi': set both, with the request not above the limit",
    ],
  ])('are refused with %s', (_, props, problem) => {
    expect(() => fakeModule(emptyChart(), props)).toThrow(new Error(`IstioModule mesh/istio: ${problem}`));
  });
});
