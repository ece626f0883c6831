import type { CniOptions, IstiodOptions } from 'istio-module';
import { emptyChart, fakeModule, synthesized, valuesOf } from '../synthesis';

function istiodValues(istiod: IstiodOptions): Record<string, unknown> {
  const chart = emptyChart();
  fakeModule(chart, { istiod });
  return valuesOf(synthesized(chart), 'istiod');
}

describe('the control plane', () => {
  test.each<[string, IstiodOptions, object]>([
    ['a fixed number of replicas', { replicas: 2 }, { autoscaleEnabled: false, replicaCount: 2 }],
    [
      'replicas by load',
      { replicas: { min: 2, max: 9, targetCpuPercent: 65 } },
      { autoscaleEnabled: true, autoscaleMin: 2, autoscaleMax: 9, cpu: { targetAverageUtilization: 65 } },
    ],
    [
      'a rolling update',
      { rollingUpdate: { maxSurge: 1, maxUnavailable: '0%' } },
      { rollingMaxSurge: 1, rollingMaxUnavailable: '0%' },
    ],
    ['the length of its key', { caKeySize: 4096 }, { env: { CITADEL_SELF_SIGNED_CA_RSA_KEY_SIZE: '4096' } }],
  ])('takes %s', (_, istiod, expected) => {
    expect(istiodValues(istiod)).toMatchObject(expected);
  });

  test.each<[string, object, string]>([
    ['part of a replica', { replicas: 1.5 }, 'istiod.replicas 1.5 is out of range: write a whole number of at least 1'],
    [
      'a minimum above the maximum',
      { replicas: { min: 4, max: 3 } },
      'istiod.replicas.min 4 is above istiod.replicas.max 3: set both, with min not above max',
    ],
    [
      "more than the chart's",
      { replicas: { min: 6 } },
      "istiod.replicas.min 6 is above istiod.replicas.max 5 (the chart's default): set both, with min not above max",
    ],
    [
      'no load at all',
      { replicas: { targetCpuPercent: 0 } },
      'istiod.replicas.targetCpuPercent 0 is out of range: write a whole number of at least 1',
    ],
    [
      'a key that istiod finds too short',
      { caKeySize: 1024 },
      'istiod.caKeySize 1024 is not a supported key length: write 2048, 3072 or 4096',
    ],
    [
      'a share without a sign',
      { rollingUpdate: { maxSurge: '25' } },
      "istiod.rollingUpdate.maxSurge '25' is not a number of pods: write a whole number of at least 0, or a share such as '25%'",
    ],
    [
      'fewer than no pods',
      { rollingUpdate: { maxUnavailable: -1 } },
      "istiod.rollingUpdate.maxUnavailable '-1' is not a number of pods: write a whole number of at least 0, or a share such as '25%'",
    ],
    [
      'more than all pods',
      { rollingUpdate: { maxUnavailable: '101%' } },
      "istiod.rollingUpdate.maxUnavailable '101%' is more than all pods: write at most '100%'",
    ],
    [
      'an update that cannot begin',
      { rollingUpdate: { maxSurge: 0, maxUnavailable: '0%' } },
      'istiod.rollingUpdate.maxSurge and istiod.rollingUpdate.maxUnavailable are both 0, so no pod could be replaced: raise one of them',
    ],
    [
      'requests above limits',
      { resources: { limits: { cpu: '100m' } } },
      "istiod.resources.requests.cpu '500m' (the chart's default) is above istiod.resources.limits.cpu '100m': set both, with the request not above the limit",
    ],
  ])('refuses %s', (_, istiod, problem) => {
    expect(() => fakeModule(emptyChart(), { istiod })).toThrow(new Error(`IstioModule mesh/istio: ${problem}`));
  });
});

describe('the CNI node agent', () => {
  function rendered(cni: boolean | CniOptions) {
    const chart = emptyChart();
    const istio = fakeModule(chart, { cni });
    return { istio, manifests: synthesized(chart) };
  }

  test('takes resources', () => {
    const { istio, manifests } = rendered({ resources: { limits: { memory: '200Mi' } } });
    expect(istio.usesCni).toBe(true);
    expect(valuesOf(manifests, 'istiod')).toMatchObject({ cni: { enabled: true } });
    expect(valuesOf(manifests, 'istio-cni')).toMatchObject({ resources: { limits: { memory: '200Mi' } } });
  });

  test('can be left out', () => {
    const { istio, manifests } = rendered(false);
    expect(istio.usesCni).toBe(false);
    expect(valuesOf(manifests, 'istiod')).toMatchObject({ cni: { enabled: false } });
    expect(istio.cni).toBeUndefined();
  });

  test('refuses requests above limits', () => {
    expect(() => rendered({ resources: { limits: { cpu: '50m' } } })).toThrow(
      new Error(
        "IstioModule mesh/istio: cni.resources.requests.cpu '100m' (the chart's default) is above cni.resources.limits.cpu '50m': set both, with the request not above the limit",
      ),
    );
  });
});
