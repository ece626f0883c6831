import { WorkloadProxyConfig, type WorkloadProxyConfigProps } from 'istio-module';
import { emptyChart, named, synthesized } from '../synthesis';

const workload = { app: 'web' };

describe('WorkloadProxyConfig', () => {
  test('refuses workloads without their namespace, because the root namespace selects only its own', () => {
    expect(
      () =>
        new WorkloadProxyConfig(emptyChart(), 'threads', { rootNamespace: 'istio-system', workload, concurrency: 2 }),
    ).toThrow(
      new Error(
        "WorkloadProxyConfig mesh/threads: workload { app: 'web' } needs a namespace: set the prop namespace to that of the workload",
      ),
    );
  });

  test('leaves out environment variables whose value is undefined', () => {
    const chart = emptyChart();
    const environmentVariables = { ISTIO_META_NETWORK: 'a', ISTIO_META_UNSET: undefined as unknown as string };
    new WorkloadProxyConfig(chart, 'network', { namespace: 'shop', environmentVariables });
    expect(named(synthesized(chart), 'ProxyConfig/shop/network').spec).toEqual({
      environmentVariables: { ISTIO_META_NETWORK: 'a' },
    });
  });

  test.each<[string, WorkloadProxyConfigProps, string, object | undefined]>([
    ['the mesh', { rootNamespace: 'istio-system' }, 'istio-system', undefined],
    ['a namespace', { namespace: 'shop' }, 'shop', undefined],
    ['workloads of a namespace', { namespace: 'shop', workload }, 'shop', { matchLabels: workload }],
  ])('is for %s', (_, scope, namespace, selector) => {
    const chart = emptyChart();
    new WorkloadProxyConfig(chart, 'threads', { ...scope, concurrency: 2 });
    expect(named(synthesized(chart), `ProxyConfig/${namespace}/threads`).spec).toEqual({
      ...(selector ? { selector } : {}),
      concurrency: 2,
    });
  });
});
