import { createHash } from 'node:crypto';
import type { MeshChartProps } from '../../stacks/mesh-chart';
import type { WorkloadOptions } from '../e2e/workload';
import { type AdmittedPod, containersOf, type Mutation, proxyOf } from './admission-webhooks';
import { MORE_CPU } from './mesh-among-others';

export const DRAIN: Partial<MeshChartProps> = { meshConfig: { defaultConfig: { drainDuration: '30s' } } };
export const EVERYWHERE = { except: ['kube-system'] };

const mirrored: Mutation = (one) => {
  for (const container of containersOf(one)) {
    container.image = container.image.replace(/^docker\.io\//, 'mirror.example.com/docker-hub/');
  }
};

/** Adds to each tag the digest that it has on this day. */
export const pinned =
  (day: () => string): Mutation =>
  (one) => {
    for (const container of containersOf(one)) {
      const digest = createHash('sha256').update(`${container.image} ${day()}`).digest('hex');
      container.image = `${container.image}@sha256:${digest}`;
    }
  };

/**
 * The containers that Istio adds to a pod: the sidecar, and the container that checks the redirection of its traffic.
 */
const istiosOf = (one: AdmittedPod) => containersOf(one).filter(({ name }) => name.startsWith('istio-'));

export const sized: Mutation = (one) => {
  const size = { cpu: '250m', memory: '512Mi' };
  for (const container of istiosOf(one)) {
    container.resources = { requests: size, limits: size };
  }
};

const withoutLimits: Mutation = (one) => {
  for (const container of istiosOf(one)) {
    container.resources = { requests: container.resources?.requests };
  }
};

/** Changes a pod like an instrumentation operator, which assumes that the first container is the application. */
const instrumented: Mutation = ({ metadata, spec }) => {
  const [first] = spec.containers;
  const [owner] = metadata.ownerReferences ?? [];
  if (first && owner) {
    const attributes = `owner.name=${owner.name},owner.uid=${owner.uid},pod.name=$(OTEL_POD_NAME)`;
    first.env = [
      ...(first.env ?? []),
      { name: 'OTEL_POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'OTEL_RESOURCE_ATTRIBUTES', value: attributes },
    ];
    first.volumeMounts = [...(first.volumeMounts ?? []), { name: 'instrumentation', mountPath: '/instrumentation' }];
    spec.volumes = [...(spec.volumes ?? []), { name: 'instrumentation', emptyDir: {} }];
  }
};

export const cpu =
  (quantity: () => string): Mutation =>
  (one) => {
    const proxy = proxyOf(one);
    if (proxy) {
      proxy.resources = { ...proxy.resources, requests: { ...proxy.resources?.requests, cpu: quantity() } };
    }
  };

export const variable =
  (name: string, value: () => string): Mutation =>
  (one) => {
    for (const container of containersOf(one)) {
      container.env = [...(container.env ?? []), { name, value: value() }];
    }
  };

export const annotated =
  (name: string, value: () => string): Mutation =>
  ({ metadata }) => {
    metadata.annotations = { ...metadata.annotations, [name]: value() };
  };

export interface Row {
  readonly what: string;
  readonly namespace: string;
  /** The name decides whether it is called before Istio's webhook, or after it. */
  readonly webhook: 'aa-others' | 'zz-others';
  readonly where?: { readonly except: readonly string[] };
  readonly mutate: Mutation;
  /** A change after which no pod is outdated, since the webhook decides what it changes. */
  readonly without?: Partial<MeshChartProps>;
  readonly change: Partial<MeshChartProps>;
  readonly options?: WorkloadOptions;
}

/** Webhooks that decide something about every sidecar, each with a change to the mesh. */
export const ROWS: readonly Row[] = [
  {
    ...{ what: 'the registry of every image', namespace: 'mirrored', webhook: 'zz-others', where: EVERYWHERE },
    ...{ mutate: mirrored, change: MORE_CPU },
  },
  {
    ...{ what: 'the registry, but not in istio-system', namespace: 'mirrored-too', webhook: 'zz-others' },
    ...{ where: { except: ['kube-system', 'istio-system'] }, mutate: mirrored, change: MORE_CPU },
  },
  {
    ...{ what: 'a digest for every tag', namespace: 'pinned', webhook: 'zz-others', where: EVERYWHERE },
    ...{ mutate: pinned(() => ''), change: { version: '1.31.2' } },
  },
  {
    ...{ what: 'the size of every sidecar', namespace: 'sized', webhook: 'zz-others', where: EVERYWHERE },
    ...{ mutate: sized, without: MORE_CPU, change: DRAIN },
  },
  {
    ...{ what: 'that sidecars have no limits', namespace: 'unlimited', webhook: 'zz-others' },
    ...{ mutate: withoutLimits, without: { proxyResources: { limits: { cpu: '3' } } }, change: MORE_CPU },
  },
  {
    ...{ what: 'the size by an annotation that Istio reads', namespace: 'annotated', webhook: 'aa-others' },
    ...{ mutate: annotated('sidecar.istio.io/proxyCPU', () => '150m'), without: MORE_CPU, change: DRAIN },
  },
  {
    ...{ what: 'variables with the owner’s name and uid', namespace: 'instrumented', webhook: 'zz-others' },
    ...{ mutate: instrumented, change: MORE_CPU },
    options: { templateAnnotations: { 'sidecar.istio.io/nativeSidecar': 'false' } },
  },
];

export function addAgent({ spec }: AdmittedPod): void {
  if (!spec.containers.some(({ name }) => name === 'policy-agent')) {
    const agent = { name: 'policy-agent', image: 'registry.k8s.io/pause:3.10', ports: [{ containerPort: 8181 }] };
    spec.containers = [...spec.containers, agent];
  }
}
