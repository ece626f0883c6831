import fc from 'fast-check';

/** The properties that distinguish sidecars: two sidecars with the same properties are the same. */
export interface Proxy {
  readonly image: string;
  readonly revision: string;
  readonly cpu: string;
  readonly medium: string;
  readonly setting: string;
}

export interface PodSketch {
  /** Its sidecar: the one that its namespace's injector gives, another one, or none. */
  readonly carries: 'current' | 'none' | Proxy;
  /** Whether it was made from the newest template that its controller has seen. */
  readonly isNew: boolean;
  readonly hasCustomImage: boolean;
  readonly life: 'runs' | 'ended' | 'leaves';
}

export const ROLLABLE = ['Deployment', 'StatefulSet', 'DaemonSet', 'Rollout'] as const;
const SINGLE = ['Pod', 'static Pod'] as const;
const UNROLLABLE = [
  'Job',
  'Job of a CronJob',
  'ReplicaSet',
  'ReplicaSet of a CloneSet',
  'ReplicationController',
  'StrimziPodSet',
  'StatefulSet of Kruise',
] as const;
export const OWNERS = [...ROLLABLE, ...SINGLE, ...UNROLLABLE];
export type Owner = (typeof OWNERS)[number];

/** The package's own annotations, by the part of the name after the slash. */
export interface Annotations {
  readonly restart?: string;
  readonly window?: string;
  readonly order?: string;
}

export interface WorkloadSketch {
  readonly namespace: string;
  readonly name: string;
  readonly owner: Owner;
  readonly pods: readonly PodSketch[];
  readonly annotations: Annotations;
  /** The label `tier` of its object or, if the engine does not read the object, of its pods. */
  readonly tier: 'front' | 'back' | undefined;
  /** The label `sidecar.istio.io/inject` of its template. */
  readonly inject: 'true' | 'false' | undefined;
  readonly hasCustomImage: boolean;
  /** Whether its template has `image: auto` for istio-proxy. */
  readonly isGateway: boolean;
  /**
   * `unseen`: its controller has not seen the newest template; `updating`: an Argo Rollout, halfway through an update.
   */
  readonly rollout: 'done' | 'under way' | 'unseen' | 'failed' | 'updating';
  readonly isPaused: boolean;
  readonly isOnDelete: boolean;
  readonly partition: number;
  readonly isScaledToZero: boolean;
  /** How admission decides about a new pod of it. */
  readonly admission: 'takes it' | 'quota exceeded' | 'namespace terminating';
}

export interface NamespaceSketch {
  readonly name: string;
  /** The label `istio-injection`. */
  readonly injection: 'enabled' | 'disabled' | undefined;
  /** The sidecar that the injector gives its pods, if any. */
  readonly given: Proxy;
  readonly annotations: Annotations;
}

export interface ClusterSketch {
  readonly namespaces: readonly NamespaceSketch[];
  readonly workloads: readonly WorkloadSketch[];
  readonly injector: 'runs' | 'gone';
  readonly purpose: 'update' | 'remove';
  readonly chosen: readonly string[] | undefined;
  /** One of {@link SELECTORS}. */
  readonly selector: string | undefined;
}

/** Selectors, and the tiers that each selects. */
export const SELECTORS: Readonly<Record<string, readonly WorkloadSketch['tier'][]>> = {
  '': ['front', 'back', undefined],
  'tier=front': ['front'],
  'tier != front': ['back', undefined],
  'tier in (front, back)': ['front', 'back'],
  'tier,tier notin (back)': ['front'],
  '!tier': [undefined],
};

/** A Tuesday at noon. */
export const NOW = new Date('2026-11-24T12:00:00Z');
/** Windows, and when each opens next after that time; undefined for a text that is not a window. */
export const WINDOWS: Readonly<Record<string, string | undefined>> = {
  'Tue 11:00-13:00': '2026-11-24T12:00:00Z',
  'Mon-Wed 12:00-12:01, Sat 00:00-24:00': '2026-11-24T12:00:00Z',
  'Sat-Sun 00:00-04:00': '2026-11-28T00:00:00Z',
  '13:00-11:00': '2026-11-24T13:00:00Z',
  'Tue 11:00-12:00': '2026-12-01T11:00:00Z',
  'at night': undefined,
};

const NAMES = ['bank', 'labs', 'shop'];

const proxy: fc.Arbitrary<Proxy> = fc.record({
  image: fc.constantFrom('proxyv2:1.30.2', 'proxyv2:1.31.1'),
  revision: fc.constantFrom('default', 'canary'),
  cpu: fc.constantFrom('100m', '200m'),
  medium: fc.constantFrom('Memory', ''),
  setting: fc.constantFrom('{"concurrency":1}', '{"concurrency":2}'),
});

/** Mostly the first value. */
const rarely = <T>(usual: T, ...others: T[]): fc.Arbitrary<T> =>
  fc.oneof({ arbitrary: fc.constant(usual), weight: 8 }, { arbitrary: fc.constantFrom(...others), weight: 3 });

const annotations: fc.Arbitrary<Annotations> = fc.record({
  restart: rarely<string | undefined>(undefined, 'disabled', 'enabled', 'off'),
  window: rarely<string | undefined>(undefined, ...Object.keys(WINDOWS)),
  order: rarely<string | undefined>(undefined, '5', 'first'),
});

const pod: fc.Arbitrary<PodSketch> = fc.record({
  carries: fc.oneof(
    { arbitrary: fc.constant<'current'>('current'), weight: 4 },
    { arbitrary: fc.constant<'none'>('none'), weight: 1 },
    { arbitrary: proxy, weight: 3 },
  ),
  isNew: fc.boolean(),
  hasCustomImage: rarely(false, false, true),
  life: rarely<PodSketch['life']>('runs', 'ended', 'leaves'),
});

const ROLLOUTS: Partial<Record<Owner, readonly WorkloadSketch['rollout'][]>> = {
  Deployment: ['done', 'under way', 'unseen', 'failed'],
  StatefulSet: ['done', 'under way', 'unseen'],
  DaemonSet: ['done', 'under way', 'unseen'],
  Rollout: ['done', 'under way', 'updating'],
};

const workload: fc.Arbitrary<WorkloadSketch> = fc.constantFrom<Owner>(...ROLLABLE, ...OWNERS).chain((owner) =>
  fc.record({
    namespace: fc.constantFrom(...NAMES),
    name: fc.constant(''),
    owner: fc.constant(owner),
    pods: fc.array(pod, { maxLength: (SINGLE as readonly Owner[]).includes(owner) ? 1 : 4, size: 'max' }),
    annotations,
    tier: fc.constantFrom('front', 'back', undefined),
    inject: rarely<'true' | 'false' | undefined>(undefined, 'true', 'false'),
    hasCustomImage: rarely(false, false, true),
    isGateway: rarely(false, true),
    rollout: fc.constantFrom<WorkloadSketch['rollout']>(...(ROLLOUTS[owner] ?? ['done'])),
    isPaused: owner === 'Deployment' ? rarely(false, true) : fc.constant(false),
    isOnDelete: owner === 'StatefulSet' || owner === 'DaemonSet' ? rarely(false, true) : fc.constant(false),
    partition: owner === 'StatefulSet' ? fc.constantFrom(0, 0, 1, 2, 4) : fc.constant(0),
    isScaledToZero: owner === 'DaemonSet' ? fc.constant(false) : rarely(false, true),
    admission: rarely<WorkloadSketch['admission']>('takes it', 'quota exceeded', 'namespace terminating'),
  }),
);

const namespace = (name: string): fc.Arbitrary<NamespaceSketch> =>
  fc.record({
    name: fc.constant(name),
    injection: rarely<NamespaceSketch['injection']>('enabled', 'disabled', undefined),
    given: proxy,
    annotations,
  });

/** Clusters of every owner, in every state that planning tells apart. */
export const cluster: fc.Arbitrary<ClusterSketch> = fc.record({
  namespaces: fc.tuple(...NAMES.map(namespace)),
  workloads: fc
    .array(workload, { maxLength: 10, size: 'max' })
    .map((workloads) => workloads.map((one, index) => ({ ...one, name: `w${String(index)}` }))),
  injector: rarely<ClusterSketch['injector']>('runs', 'gone'),
  purpose: rarely<ClusterSketch['purpose']>('update', 'remove'),
  chosen: fc.option(fc.subarray(NAMES), { nil: undefined, freq: 4 }),
  selector: rarely<string | undefined>(undefined, ...Object.keys(SELECTORS)),
});
