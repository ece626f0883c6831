import type { ObjectReference } from '../control-plane/kube-client';

const NAMESPACE = 'shop';

const deployment = (name: string, annotations: Readonly<Record<string, string>>): ObjectReference & object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: NAMESPACE },
  ...{
    spec: {
      replicas: 1,
      selector: { matchLabels: { run: name } },
      template: {
        metadata: { labels: { run: name }, annotations },
        spec: { containers: [{ name: 'app', image: 'registry.k8s.io/pause:3.10' }] },
      },
    },
  },
});

/** Pods that Istio 1.30 and 1.31 inject differently. */
export function upgradeSensitiveWorkloads(): ObjectReference[] {
  return [
    deployment('debug-proxy', { 'proxy.istio.io/config': 'image:\n  imageType: debug\n' }),
    // 1.31 adds an annotation for Prometheus, which does not require new pods.
    deployment('secure-metrics', {
      'proxy.istio.io/config': 'proxyMetadata:\n  ENVOY_SECURE_MERGED_METRICS_PORT: "15094"\n',
    }),
    // 1.31 refuses it, because the port is that of the proxy's own metrics.
    deployment('reserved-port', { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '15090' }),
  ];
}
