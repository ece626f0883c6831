import type { Difference } from '../../../lib/engine/injector/differences';
import {
  planRestarts,
  restartWorkloads,
  type Interruption,
  type InterruptionCode,
  type InterruptionReason,
} from '../../../lib/engine';
import type {
  Decision,
  IgnoredAnnotation,
  InPlacePlan,
  Reason,
  RestartPlan,
  WorkloadPlan,
} from '../../../lib/engine/plan/plan';
import type { RestartedWorkload, RestartReport, WorkloadName } from '../../../lib/engine/run/restart-report';
import { deployment, IMAGE, injected, meshNamespace, OLD_IMAGE, pod } from '../../engine/cluster-builder';
import { refusal } from '../../engine/fake-api-server';
import { fakeKubelet, injectedNative, nativePod } from '../../engine/fake-kubelet';
import { optionsFor, startMesh } from '../../engine/fake-mesh';
import { readSchema, schemaProblems, type SchemaName } from '../schema-problems';
import { EVERY_DECISION, FULL, LATER, planFor } from './example-plan';

type Keys<T> = Readonly<Record<keyof T, true>>;

const DECISIONS: Readonly<Record<Decision, true>> = {
  ...{ restart: true, update: true, wait: true, current: true, warn: true, skip: true, deferred: true },
  undetermined: true,
};
const REASONS: Readonly<Record<Reason, true>> = {
  ...{
    OutOfDate: true,
    RollingOut: true,
    UpToDate: true,
    OutsideWindow: true,
    Interrupts: true,
    DryRunDenied: true,
    JobOwned: true,
  },
  ...{ BareReplicaSet: true, ReplicationController: true, BarePod: true, StaticPod: true, OnDelete: true },
  ...{ Partitioned: true, Paused: true, NeedsInjector: true, Updating: true, UnknownController: true },
  ...{ CustomProxyImage: true, Excluded: true, MalformedRecord: true, NoInjector: true },
  ...{ DryRunNotGranted: true, RestartWithoutEffect: true, InTemplate: true },
};
const PLAN: Keys<Required<RestartPlan>> = {
  ...{
    schemaVersion: true,
    cluster: true,
    generatedAt: true,
    summary: true,
    workloads: true,
    ignoredAnnotations: true,
    bound: true,
    transitions: true,
    notes: true,
  },
};
const WORKLOAD: Keys<Required<WorkloadPlan>> = {
  ...{ namespace: true, kind: true, name: true, decision: true, reason: true, message: true, remedy: true, pods: true },
  ...{
    differences: true,
    others: true,
    inPlace: true,
    deferredUntil: true,
    selected: true,
    method: true,
    interruption: true,
  },
};
const IN_PLACE: Keys<InPlacePlan> = { pods: true, differences: true, remaining: true };
const INTERRUPTION: Keys<Interruption> = { expected: true, reasons: true };
const INTERRUPTION_REASON: Keys<InterruptionReason> = { code: true, message: true };
const INTERRUPTION_CODES: Readonly<Record<InterruptionCode, true>> = {
  ...{ Recreate: true, SingleReplica: true, AllUnavailable: true, OnePerNode: true, HostPort: true },
  ...{ NoReadinessProbe: true, NoPreStop: true, SidecarReplaced: true },
};
const DIFFERENCE: Keys<Required<Difference>> = { path: true, old: true, new: true, pods: true };
const IGNORED: Keys<IgnoredAnnotation> = {
  ...{ namespace: true, kind: true, name: true, annotation: true, value: true, message: true },
};
const REPORT: Keys<RestartReport> = {
  ...{
    schemaVersion: true,
    restarted: true,
    updated: true,
    waited: true,
    warnings: true,
    skipped: true,
    deferred: true,
  },
  ...{ undetermined: true, ignoredAnnotations: true, transitions: true, counts: true, rounds: true },
};
const COUNTS: Keys<RestartReport['counts']> = {
  updated: true,
  ...{ restarted: true, waited: true, current: true, warned: true, skipped: true, deferred: true, undetermined: true },
};
const NAME: Keys<WorkloadName> = { namespace: true, kind: true, name: true };
const RESTARTED: Keys<RestartedWorkload> = { ...NAME, message: true, differences: true, method: true };

interface Described {
  readonly description?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Described>>;
  readonly $ref?: string;
}

const propertiesOf = (schema: Described) => Object.keys(schema.properties ?? {}).sort();
const sorted = (keys: object) => Object.keys(keys).sort();

describe.each<SchemaName>(['plan', 'report'])('the schema of the %s', (name) => {
  const schema = readSchema(name) as Described & { readonly $defs: Readonly<Record<string, Described>> };

  test('describes every property', () => {
    const missing: string[] = [];
    const visit = (one: Described, path: string): void => {
      if (!one.$ref && !one.description) missing.push(path);
      for (const [key, property] of Object.entries(one.properties ?? {})) visit(property, `${path}.${key}`);
    };
    visit(schema, name);
    for (const [key, definition] of Object.entries(schema.$defs)) visit(definition, key);
    expect(missing).toEqual([]);
  });

  test('requires every property, except for those that only some cases have', () => {
    const optional: string[] = [];
    const visit = ({ properties = {}, required = [] }: Described, path: string): void => {
      for (const [key, property] of Object.entries(properties)) {
        if (!required.includes(key)) optional.push(`${path}.${key}`);
        visit(property, `${path}.${key}`);
      }
    };
    visit(schema, name);
    for (const [key, definition] of Object.entries(schema.$defs)) visit(definition, key);
    const some = [
      'workload.deferredUntil',
      'workload.inPlace',
      'workload.interruption',
      'workload.method',
      'workload.others',
      'workload.selected',
      'difference.pods',
      'transition.until',
      'transition.refused',
    ];
    expect(optional.sort()).toEqual(
      [
        ...(name === 'plan' ? ['plan.bound', 'plan.notes', 'plan.transitions'] : ['restartedWorkload.method']),
        ...some,
      ].sort(),
    );
  });

  test('has the decisions, reasons and fields that the types have', () => {
    const { decision, reason, workload, inPlace, difference, ignoredAnnotation } = schema.$defs;
    const { interruption, interruptionReason, interruptionCode } = schema.$defs;
    expect([...(decision as { enum: string[] }).enum].sort()).toEqual(sorted(DECISIONS));
    expect([...(reason as { enum: string[] }).enum].sort()).toEqual(sorted(REASONS));
    expect(propertiesOf(workload ?? {})).toEqual(sorted(WORKLOAD));
    expect(propertiesOf(inPlace ?? {})).toEqual(sorted(IN_PLACE));
    expect(propertiesOf(interruption ?? {})).toEqual(sorted(INTERRUPTION));
    expect(propertiesOf(interruptionReason ?? {})).toEqual(sorted(INTERRUPTION_REASON));
    expect([...(interruptionCode as { enum: string[] }).enum].sort()).toEqual(sorted(INTERRUPTION_CODES));
    expect(propertiesOf(difference ?? {})).toEqual(sorted(DIFFERENCE));
    expect(propertiesOf(ignoredAnnotation ?? {})).toEqual(sorted(IGNORED));
  });
});

describe('the schema of the plan', () => {
  const schema = readSchema('plan') as Described;

  test('has the fields that its type has', () => {
    expect(propertiesOf(schema)).toEqual(sorted(PLAN));
    expect(propertiesOf(schema.properties?.summary ?? {})).toEqual(sorted(DECISIONS));
  });

  test('accepts a plan with every decision, and one that is a bound', () => {
    expect(schemaProblems('plan', EVERY_DECISION)).toEqual([]);
    expect(schemaProblems('plan', { ...EVERY_DECISION, bound: { message: 'istioctl is missing' } })).toEqual([]);
  });

  test.each<[string, unknown, RegExp]>([
    [
      'an unknown decision',
      planFor([{ ...FULL, decision: 'perhaps' as Decision }]),
      /decision must be equal to one of/,
    ],
    ['an unknown reason', planFor([{ ...FULL, reason: 'Mood' as Reason }]), /reason must be equal to one of/],
    ['a workload without pods', planFor([{ ...FULL, pods: undefined as never }]), /required property 'pods'/],
    ['a plan without a summary', { ...EVERY_DECISION, summary: undefined }, /required property 'summary'/],
    ['a summary without a count', { ...EVERY_DECISION, summary: { restart: 1 } }, /required property 'wait'/],
    ['another version', { ...EVERY_DECISION, schemaVersion: 2 }, /schemaVersion must be equal to constant/],
    ['an invalid time', { ...EVERY_DECISION, generatedAt: 'today' }, /generatedAt must match format/],
    [
      'a deferred workload without its time',
      planFor([{ ...LATER, deferredUntil: undefined }]),
      /required property 'deferr/,
    ],
    ['a field that is not described', { ...EVERY_DECISION, mood: 'good' }, /must NOT have additional properties/],
  ])('refuses %s', (_, plan, problem) => {
    expect(schemaProblems('plan', JSON.parse(JSON.stringify(plan))).join('\n')).toMatch(problem);
  });
});

describe('the schema of the report', () => {
  const schema = readSchema('report') as Described & { readonly $defs: Readonly<Record<string, Described>> };

  test('has the fields that its type has', () => {
    expect(propertiesOf(schema)).toEqual(sorted(REPORT));
    expect(propertiesOf(schema.properties?.counts ?? {})).toEqual(sorted(COUNTS));
    expect(propertiesOf(schema.$defs.workloadName ?? {})).toEqual(sorted(NAME));
    expect(propertiesOf(schema.$defs.restartedWorkload ?? {})).toEqual(sorted(RESTARTED));
  });

  test('describes a workload like the schema of the plan', () => {
    const shared = [
      ...['decision', 'reason', 'workload', 'inPlace', 'difference', 'ignoredAnnotation'],
      ...['interruption', 'interruptionReason', 'interruptionCode'],
    ];
    const of = (name: SchemaName) => shared.map((key) => (readSchema(name).$defs as Record<string, unknown>)[key]);
    expect(of('report')).toEqual(of('plan'));
  });
});

describe('the output of the engine', () => {
  const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
  const dayAfterTomorrow = days[(new Date().getUTCDay() + 2) % 7] ?? '';
  const window = { 'istio-module/window': `${dayAfterTomorrow} 00:00-24:00` };
  const objects = [
    meshNamespace('bank'),
    ...deployment('restart'),
    ...deployment('wait', { status: { observedGeneration: 0 } }),
    ...deployment('current', { proxies: [IMAGE] }),
    ...deployment('half', { proxies: [IMAGE, OLD_IMAGE, undefined] }),
    pod('warn', { proxy: OLD_IMAGE }),
    nativePod('update', { labels: { app: 'native' } }),
    ...deployment('skip', { annotations: { 'istio-module/restart': 'disabled', 'istio-module/order': 'first' } }),
    ...deployment('outside', { namespace: 'bank' }),
    ...deployment('deferred', { annotations: window }),
    ...deployment('undetermined', { template: { labels: { app: 'undetermined' } } }),
  ];
  const start = () =>
    startMesh(objects, {
      inject: (one) =>
        one.metadata.labels?.app === 'undetermined'
          ? refusal(403, 'Forbidden', 'exceeded quota: small')
          : one.metadata.labels?.app === 'native'
            ? injectedNative(one, { image: IMAGE })
            : injected(one, IMAGE),
      intercept: fakeKubelet,
    });

  test('agrees with the schema of the plan, for every decision', async () => {
    const cluster = await start();
    try {
      const plan = await planRestarts(optionsFor(cluster, { namespaces: ['shop'], inPlace: true }));
      expect(sorted(Object.fromEntries(plan.workloads.map(({ decision }) => [decision, true])))).toEqual(
        sorted(DECISIONS),
      );
      expect(plan.ignoredAnnotations).toHaveLength(1);
      expect(schemaProblems('plan', JSON.parse(JSON.stringify(plan)))).toEqual([]);
    } finally {
      await cluster.close();
    }
  });

  test('agrees with the schema of the report', async () => {
    const cluster = await start();
    try {
      cluster.objects = cluster.objects.filter(({ metadata }) => !metadata.name.startsWith('wait'));
      const report = await restartWorkloads(optionsFor(cluster, { namespaces: ['shop'], inPlace: true }));
      expect(report.restarted.map(({ name }) => name)).toEqual(['half', 'restart']);
      expect(report.updated.map(({ name }) => name)).toEqual(['update']);
      expect(schemaProblems('report', JSON.parse(JSON.stringify(report)))).toEqual([]);
      expect(schemaProblems('report', { ...report, rounds: undefined })).toHaveLength(1);
    } finally {
      await cluster.close();
    }
  });
});
