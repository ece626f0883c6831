import type { ObjectReference } from '../control-plane/kube-client';
import { keepsRunningAnnotation } from '../control-plane/stages';
import { deployment, pod, podTemplate, workload } from './workload';

/** An Argo Rollout with two pods. */
export function rollout(name: string, spec: object = {}): ObjectReference {
  return workload('argoproj.io/v1alpha1', 'Rollout', name, { spec: { replicas: 2, ...spec } });
}

/** All objects that can be created at once, before anything is out of date. */
export function everyOwner(): ObjectReference[] {
  const jobTemplate = (name: string) => {
    const { metadata, spec } = podTemplate(name, { [keepsRunningAnnotation]: 'true' });
    return { template: { metadata, spec: { ...spec, restartPolicy: 'Never' } } };
  };
  return [
    deployment('web', { spec: { replicas: 2 } }),
    workload('apps/v1', 'StatefulSet', 'store', { spec: { replicas: 2, serviceName: 'store' } }),
    workload('apps/v1', 'DaemonSet', 'agent'),
    rollout('shipped'),
    deployment('referred', { spec: { replicas: 0 } }),
    rollout('referring', {
      workloadRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'referred' },
      selector: { matchLabels: { app: 'referred' } },
      template: undefined,
    }),
    rollout('midway'),
    rollout('updating'),
    deployment('rolling'),
    workload('batch/v1', 'Job', 'once', { spec: { selector: undefined, ...jobTemplate('once') } }),
    workload('batch/v1', 'CronJob', 'nightly', {
      spec: {
        ...{ selector: undefined, template: undefined },
        ...{ schedule: '0 0 1 1 *', jobTemplate: { spec: jobTemplate('nightly') } },
      },
    }),
    workload('apps/v1', 'ReplicaSet', 'bare-set'),
    workload('v1', 'ReplicationController', 'controller', { spec: { selector: { app: 'controller' } } }),
    pod('bare'),
    pod('static', {
      namespace: 'joining',
      podSpec: { nodeName: 'node-0' },
      annotations: { 'kubernetes.io/config.mirror': 'a-hash' },
    }),
    workload('apps/v1', 'StatefulSet', 'by-hand', {
      spec: { serviceName: 'by-hand', updateStrategy: { type: 'OnDelete' } },
    }),
    workload('apps/v1', 'DaemonSet', 'by-hand-too', { spec: { updateStrategy: { type: 'OnDelete' } } }),
    workload('apps/v1', 'StatefulSet', 'staged', {
      spec: { serviceName: 'staged', updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } },
    }),
    deployment('paused'),
    deployment('own-proxy', {
      templateAnnotations: { 'sidecar.istio.io/proxyImage': 'docker.io/istio/proxyv2:1.30.2' },
    }),
    deployment('excluded', { annotations: { 'istio-module/restart': 'disabled' } }),
    deployment('out-of-hours', { annotations: { 'istio-module/window': closedWindow() } }),
    deployment('kept', { namespace: 'kept' }),
    deployment('elsewhere', { namespace: 'elsewhere' }),
    deployment('full', { namespace: 'full' }),
    deployment('gateway', {
      namespace: 'leaving',
      templateAnnotations: { 'inject.istio.io/templates': 'gateway' },
      podSpec: { containers: [{ name: 'istio-proxy', image: 'auto' }] },
    }),
  ];
}

/** A weekly window of one hour that is at least two days away from now, in both directions. */
export function closedWindow(now = new Date()): string {
  const day = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][(now.getUTCDay() + 3) % 7] ?? '';
  return `${day} 00:00-01:00`;
}

/** When that window opens next. */
export function closedWindowOpens(now = new Date()): string {
  const midnight = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 3);
  return new Date(midnight).toISOString().replace('.000Z', 'Z');
}
