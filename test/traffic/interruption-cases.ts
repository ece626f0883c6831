import type { SidecarSettingsOptions } from 'istio-module';
import type { KubeObject, ObjectReference } from '../control-plane/kube-client';
import { appDeployment, type AppOptions } from './traffic-app';
import { shop } from './traffic-mesh';

/** A workload, and the codes of the interruption that its plan announces. */
export interface InterruptionCase {
  readonly name: string;
  /** What it is, as the table of docs/restarts.md has it. */
  readonly title: string;
  readonly predicted: readonly string[];
  readonly objects: readonly ObjectReference[];
}

interface PodSpec {
  readonly containers: readonly [Record<string, unknown> & { readonly ports: readonly object[] }];
}

interface Template {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: PodSpec & Readonly<Record<string, unknown>>;
}

interface Spec {
  readonly replicas: number;
  readonly selector: object;
  readonly template: Template;
}

interface Variation extends Partial<AppOptions> {
  /** @default 'Deployment' */
  readonly kind?: 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'ReplicaSet';
  /** Of the workload, beside replicas, selector and template. */
  readonly spec?: object;
  /** Of its only container. */
  readonly container?: object;
  readonly withoutSleep?: boolean;
}

const ordinary: SidecarSettingsOptions = { nativeSidecar: false };
const slow = { startsAfterSeconds: 4 };
/** A probe of the application; the application answers it alike as a readiness and as a startup probe. */
const probe = { httpGet: { path: '/ready', port: 9000 }, periodSeconds: 1, failureThreshold: 30 };
const rolling = (maxSurge: number | string, maxUnavailable: number | string) => ({
  strategy: { rollingUpdate: { maxSurge, maxUnavailable } },
});

export const INTERRUPTION_CASES: readonly InterruptionCase[] = [
  of('two', 'a Deployment of two pods', [], { replicas: 2 }),
  of('two-ordinary', 'the same, with sidecars that are not native', [], { replicas: 2, sidecar: ordinary }),
  of('one', 'a Deployment of one pod', [], {}),
  of('recreate', 'a Deployment with the strategy `Recreate`', ['Recreate'], {
    ...{ replicas: 2, spec: { strategy: { type: 'Recreate' } } },
  }),
  of('no-surge', 'a Deployment of one pod with `maxSurge: 0`', ['SingleReplica'], { spec: rolling(0, 1) }),
  of('all', 'a Deployment of two pods with `maxUnavailable: 100%`', ['AllUnavailable'], {
    ...{ replicas: 2, spec: rolling(0, '100%') },
  }),
  of('half', 'a Deployment of two pods with `maxUnavailable: 1`', [], { replicas: 2, spec: rolling(0, 1) }),
  of('set-one', 'a StatefulSet of one pod', ['SingleReplica'], { kind: 'StatefulSet' }),
  of('set-two', 'a StatefulSet of two pods', [], { kind: 'StatefulSet', replicas: 2 }),
  of('daemon', 'a DaemonSet', ['OnePerNode'], { kind: 'DaemonSet' }),
  of('daemon-surge', 'a DaemonSet with `maxSurge: 1`', [], {
    ...{ kind: 'DaemonSet', spec: { updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } } },
  }),
  of('host-port', 'a Deployment of one pod with a `hostPort` and `maxUnavailable: 1`', ['SingleReplica', 'HostPort'], {
    ...{ spec: rolling(0, 1), container: { ports: [{ containerPort: 8080, hostPort: 18080 }] } },
  }),
  of('unprobed', 'an application that starts slowly, without a readiness probe', ['NoReadinessProbe'], {
    ...{ ...slow, replicas: 2, container: { readinessProbe: undefined } },
  }),
  of('probed', 'the same with a readiness probe', [], { ...slow, replicas: 2 }),
  of('startup-probed', 'the same with a startup probe', [], {
    ...{ ...slow, replicas: 2, container: { readinessProbe: undefined, startupProbe: probe } },
  }),
  of('awake', 'pods with `istio-module/graceful-termination: disabled`', ['NoPreStop'], {
    ...{ replicas: 3, withoutSleep: true },
  }),
  of('hurried', 'pods whose grace period is shorter than the sleep', ['NoPreStop'], { replicas: 3, graceSeconds: 4 }),
  of('own-sleep', 'pods with a `preStop` hook of their own', [], { replicas: 2, servesOnSeconds: 4 }),
  of('own-no-sleep', 'pods with a `preStop` hook that sleeps for zero seconds', ['NoPreStop'], {
    ...{ replicas: 3, servesOnSeconds: 0 },
  }),
  of('evicted-one', 'a bare ReplicaSet of one pod, evicted', ['SingleReplica'], { kind: 'ReplicaSet' }),
  of('evicted-two', 'a bare ReplicaSet of two pods, evicted', [], { kind: 'ReplicaSet', replicas: 2 }),
];

function of(name: string, title: string, predicted: readonly string[], variation: Variation): InterruptionCase {
  const { kind = 'Deployment', spec = {}, container = {}, withoutSleep = false, ...options } = variation;
  const sidecar = withoutSleep ? { ...options.sidecar, gracefulTermination: false as const } : options.sidecar;
  const objects = appDeployment({ name, namespace: shop, ...options, ...(sidecar ? { sidecar } : {}) });
  const varied = objects.map((object) => {
    if (object.kind !== 'Deployment') {
      return object;
    }
    const { replicas, selector, template } = (object as KubeObject).spec as Spec;
    const [app] = template.spec.containers;
    return {
      ...{ ...object, kind, metadata: { ...object.metadata, labels: { app: name } } },
      spec: {
        ...(kind === 'DaemonSet' ? {} : { replicas }),
        ...(kind === 'StatefulSet' ? { serviceName: name } : {}),
        ...{ selector, ...spec },
        template: { ...template, spec: { ...template.spec, containers: [{ ...app, ...container }] } },
      },
    };
  });
  return { name, title, predicted, objects: varied };
}
