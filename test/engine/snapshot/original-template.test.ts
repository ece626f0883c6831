import { originalTemplate } from '../../../lib/engine/snapshot/original-template';
import type { Pod } from '../../../lib/engine/cluster/objects';
import { IMAGE, injected, pod } from '../cluster-builder';

describe('originalTemplate', () => {
  test('is the pod less what the injector, admission, the scheduler and the kubelet put into it', () => {
    const token = { name: 'kube-api-access-x7k2p', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' };
    const data = { name: 'data', mountPath: '/data' };
    const original = pod('alone', {
      labels: { app: 'alone' },
      annotations: { note: 'kept', 'kubernetes.io/config.mirror': 'abc', 'kubernetes.io/config.hash': 'abc' },
      spec: {
        containers: [{ name: 'app', image: 'app', volumeMounts: [token, data], readinessProbe: { tcpSocket: {} } }],
        initContainers: [{ name: 'migrate', image: 'app' }],
        volumes: [{ name: 'kube-api-access-x7k2p' }, { name: 'data', emptyDir: {} }],
        nodeName: 'node-1',
        priority: 0,
        preemptionPolicy: 'PreemptLowerPriority',
        ephemeralContainers: [{ name: 'debugger' }],
        serviceAccountName: 'alone',
      },
    }) as Pod;
    expect(originalTemplate(injected(original, IMAGE))).toEqual({
      metadata: { labels: { app: 'alone' }, annotations: { note: 'kept' } },
      spec: {
        containers: [{ name: 'app', image: 'app', volumeMounts: [data] }],
        initContainers: [{ name: 'migrate', image: 'app', volumeMounts: [] }],
        volumes: [{ name: 'data', emptyDir: {} }],
        serviceAccountName: 'alone',
      },
    });
  });
});
