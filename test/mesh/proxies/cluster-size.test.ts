import { Size } from 'cdk8s';
import { ClusterSize, type IstioModuleProps } from 'istio-module';
import { emptyChart, fakeModule, synthesized, valuesOf } from '../synthesis';

function resourcesOf(props: Partial<IstioModuleProps>) {
  const chart = emptyChart();
  fakeModule(chart, props);
  const values = valuesOf(synthesized(chart), 'istiod') as {
    readonly global: { readonly proxy: { readonly resources: object } };
    readonly resources?: object;
  };
  return { sidecar: values.global.proxy.resources, istiod: values.resources };
}

const SMALL = {
  sidecar: { requests: { cpu: '20m', memory: '64Mi' } },
  istiod: { requests: { cpu: '100m', memory: '256Mi' } },
};
const CHARTS = { sidecar: {}, istiod: undefined };

describe('clusterSize of IstioModule', () => {
  test.each<[string, ClusterSize | undefined, object]>([
    ['nothing is said', undefined, CHARTS],
    ['the cluster is large', ClusterSize.LARGE, CHARTS],
    ['the cluster is small', ClusterSize.SMALL, SMALL],
    ['it has little CPU', ClusterSize.of({ cpus: 4.9, memory: Size.gibibytes(64) }), SMALL],
    ['it has little memory', ClusterSize.of({ cpus: 64, memory: Size.mebibytes(10239) }), SMALL],
    ['it has just enough of both', ClusterSize.of({ cpus: 5, memory: Size.gibibytes(10) }), CHARTS],
  ])('gives sidecars and istiod their requests where %s', (_, clusterSize, expected) => {
    expect(resourcesOf({ clusterSize })).toEqual(expected);
  });

  test('gives way to resources, quantity by quantity', () => {
    expect(
      resourcesOf({
        clusterSize: ClusterSize.SMALL,
        proxy: { resources: { requests: { cpu: '50m' }, limits: { memory: '256Mi' } } },
        istiod: { resources: { requests: { memory: '1Gi' } } },
      }),
    ).toEqual({
      sidecar: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '256Mi' } },
      istiod: { requests: { cpu: '100m', memory: '1Gi' } },
    });
  });

  test.each<[string, Partial<IstioModuleProps>, string[]]>([
    [
      'a cluster of nothing',
      { clusterSize: ClusterSize.of({ cpus: 0, memory: Size.gibibytes(0) }) },
      [
        'clusterSize cpus 0 is out of range: write the cores of all nodes, more than 0',
        "clusterSize memory '0Gi' is out of range: write the memory of all nodes, more than 0",
      ],
    ],
    [
      'limits below its requests',
      { clusterSize: ClusterSize.SMALL, proxy: { resources: { limits: { memory: '32Mi' } } } },
      [
        "proxy.resources.requests.memory '64Mi' is above proxy.resources.limits.memory '32Mi': set both, with the request not above the limit",
      ],
    ],
  ])('refuses %s', (_, props, problems) => {
    expect(() => resourcesOf(props)).toThrow(
      new Error(problems.map((problem) => `IstioModule mesh/istio: ${problem}`).join('\n')),
    );
  });
});
