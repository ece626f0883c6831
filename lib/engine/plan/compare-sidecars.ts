import { allContainers } from '../cluster/all-containers';
import { isObject } from '../cluster/is-object';
import { own } from '../cluster/own';
import { istioDecides, injectorGives } from '../injector/attribution';
import type { InjectorAnswer, OpenAdmission } from '../injector/ask-for-pod';
import { changedLeaves, type ChangedLeaf } from '../injector/changed-leaves';
import { differences, type Difference } from '../injector/differences';
import type { GivenAlone } from '../injector/injector-alone';
import { injectorDecides, injectorWouldGive } from '../injector/open-admission';
import { containerFields, isWellKnownContainer, type Sidecar, type SidecarContainer } from '../injector/sidecar';
import type { PodTemplate } from '../cluster/objects';
import type { PodRecord, Workload } from '../snapshot/snapshot';
import type { ComparedSidecars } from './in-place';
import { isOfTemplate } from './of-template';

/** The differences between a running sidecar and what the injector adds today. */
export interface Comparison {
  /** Differences caused by Istio, which are reasons for a restart. */
  readonly differences: readonly Difference[];
  /** Differences that other admission webhooks cause, or may cause if they were not asked. No reasons for a restart. */
  readonly others: readonly Difference[];
  /** Computes the differences with the values themselves, which are seldom needed. */
  readonly changes: () => readonly ChangedLeaf[];
  /**
   * The compared sidecars, for updates in place. Undefined without differences, if one of them does not exist, or if
   * only the injector was asked, not all admission.
   */
  readonly sidecars?: ComparedSidecars;
}

const SAME: Comparison = { differences: [], others: [], changes: () => [] };

/** The rewritten probes and annotations. Istio's configuration determines whether it rewrites any. */
const REWRITTEN = ['ISTIO_KUBE_APP_PROBERS', 'ISTIO_PROMETHEUS_ANNOTATIONS'];
/**
 * Values that Istio derives from the pod: its containers, ports, owner and name, and rewritten probes and annotations.
 * They depend on the template, and a restart does not change them.
 */
const OF_THE_POD_ITSELF = [
  'ISTIO_META_APP_CONTAINERS',
  'ISTIO_META_POD_PORTS',
  'ISTIO_META_WORKLOAD_NAME',
  'ISTIO_META_OWNER',
  ...REWRITTEN,
];
/** Stands for every value of a rewritten variable. */
const PRESENT = 'set';

/** A template, and whether the compared pod was certainly created from it, so that it has the same probes. */
interface ComparedTemplate extends PodTemplate {
  readonly isOfPod?: boolean;
}

/**
 * Compares a pod's sidecar with the injector's answer for a new pod of the same template.
 *
 * @param answer if it was denied and the injector alone did not answer either, there are no differences
 */
export function compareSidecars(
  running: Sidecar | undefined,
  answer: InjectorAnswer,
  template: ComparedTemplate,
): Comparison {
  const { alone, open } = answer;
  if ('denied' in answer) {
    if (alone === undefined || !('sidecar' in alone)) {
      return SAME;
    }
    return open
      ? besideOpen(running, alone.sidecar, open, template)
      : against(running, alone.sidecar, template, injectorGives);
  }
  if (open) {
    return besideOpen(running, answer.sidecar, open, template);
  }
  const { sidecar: full, changes = [] } = answer;
  if (running === full && changes.length === 0) {
    return SAME;
  }
  if (!running || !full || alone === undefined || !('sidecar' in alone) || !alone.sidecar) {
    const found = against(running, full, template, (_, now) => now);
    return running && full ? withFurther(found, changes) : found;
  }
  const ofInjector = comparable(alone.sidecar, template);
  const { recorded } = alone;
  const named = (sidecar: Sidecar) => namedByInjector(sidecar, ofInjector, recorded, template);
  const reasons = against(named(running), named(full), template, (old, now) => istioDecides(old, now, ofInjector));
  const all = against(named(running), named(full), template, (_, now) => now);
  return withOthers(reasons, all);
}

function withOthers(reasons: Comparison, all: Comparison): Comparison {
  const known = new Set(reasons.differences.map(({ path }) => path));
  return { ...reasons, others: all.differences.filter(({ path }) => !known.has(path)) };
}

/** If only the injector was asked, only differences that nobody else can cause are reasons. */
function besideOpen(
  running: Sidecar | undefined,
  given: Sidecar | undefined,
  { recorded, asRunning, mayRefuse }: OpenAdmission,
  template: ComparedTemplate,
): Comparison {
  const by = (answer: GivenAlone, becomes: typeof injectorDecides) => {
    const ofInjector = answer.sidecar && comparable(answer.sidecar, template);
    const named = ofInjector && running && namedByInjector(running, ofInjector, answer.recorded, template);
    return against(named ?? running, ofInjector, template, becomes);
  };
  const today = { sidecar: given, recorded };
  const reasons = by(today, injectorDecides);
  const isRefused = !running && mayRefuse.length > 0;
  // Others may change the image, so it cannot be updated in place.
  return withoutSidecars(
    withOthers(
      isRefused ? SAME : asRunning ? inBoth(reasons, by(asRunning, injectorDecides)) : reasons,
      by(today, injectorWouldGive),
    ),
  );
}

function withoutSidecars({ sidecars: _, ...comparison }: Comparison): Comparison {
  return comparison;
}

/** The differences that both answers have in common, with the values of the first. */
function inBoth(one: Comparison, other: Comparison): Comparison {
  const of = <T extends { readonly path: string }>(list: readonly T[], others: readonly T[]) =>
    list.filter(({ path }) => others.some((each) => each.path === path));
  const found = of(one.differences, other.differences);
  return found.length === 0
    ? SAME
    : { differences: found, others: [], changes: () => of(one.changes(), other.changes()) };
}

function withFurther(found: Comparison, further: readonly Difference[]): Comparison {
  const { differences, sidecars } = found;
  return further.length === 0
    ? found
    : {
        ...found,
        differences: [...differences, ...further],
        ...(sidecars ? { sidecars: { ...sidecars, further } } : {}),
      };
}

/**
 * The sidecar, but with only those fields of the application's containers that the injector merges into them. Other
 * fields of these containers are not part of the sidecar.
 */
function namedByInjector(
  sidecar: Sidecar,
  ofInjector: Sidecar,
  recorded: ReadonlySet<string>,
  template: PodTemplate,
): Sidecar {
  const applications = applicationContainers(template);
  const containers = Object.entries(sidecar.containers).map(([name, container]) => {
    const written = own(applications, name);
    const given = written && recorded.has(name) ? own(ofInjector.containers, name) : undefined;
    return [
      name,
      written && given ? { ...container, fields: common(added(container, written).fields, given.fields) } : container,
    ] as const;
  });
  return { ...sidecar, containers: Object.fromEntries(containers) };
}

/** The fields that also exist in the other object, at any depth. */
function common(
  fields: Readonly<Record<string, unknown>>,
  others: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => {
      const other = own(others, name);
      if (other === undefined) {
        return [];
      }
      return [[name, isObject(value) && isObject(other) ? common(value, other) : value] as const];
    }),
  );
}

/** Compares pods of a workload, each with its answer. Compares equal sidecars with the same answer once. */
export function comparison(
  workload: Workload,
  answerOf: (pod: PodRecord) => InjectorAnswer | undefined,
): (pod: PodRecord) => Comparison {
  const { template } = workload;
  const compareAny = comparisonWith(template);
  const compareNewest = comparisonWith({ ...template, isOfPod: true });
  return (pod) => {
    const answer = answerOf(pod);
    if (!answer) {
      return SAME;
    }
    const isOfPod = !answer.template && differInRewritten(pod.sidecar, answer) && isOfTemplate(workload, pod);
    return (isOfPod ? compareNewest : compareAny)(pod, answer);
  };
}

function comparisonWith(template: ComparedTemplate): (pod: PodRecord, answer: InjectorAnswer) => Comparison {
  const known = new Map<InjectorAnswer, Map<Sidecar | undefined, Comparison>>();
  return ({ sidecar }, answer) => {
    const ofAnswer = known.get(answer) ?? new Map<Sidecar | undefined, Comparison>();
    known.set(answer, ofAnswer);
    const found = ofAnswer.get(sidecar) ?? compareSidecars(sidecar, answer, answer.template ?? template);
    ofAnswer.set(sidecar, found);
    return found;
  };
}

/** Whether a rewritten value exists in only one of the sidecars. */
function differInRewritten(running: Sidecar | undefined, answer: InjectorAnswer): boolean {
  const { alone } = answer;
  const ofInjector = alone && 'sidecar' in alone ? alone.sidecar : undefined;
  const given = 'denied' in answer ? ofInjector : answer.sidecar;
  if (!running || !given || running === given) {
    return false;
  }
  return REWRITTEN.some((name) => hasVariable(running, name) !== hasVariable(given, name));
}

function hasVariable({ containers }: Sidecar, name: string): boolean {
  const env = own(containers, 'istio-proxy')?.fields.env;
  return isObject(env) && Object.hasOwn(env, name);
}

/** The comparisons of these pods, without duplicates. */
export function distinctComparisons(
  pods: readonly PodRecord[],
  compare: (pod: PodRecord) => Comparison,
): readonly Comparison[] {
  return [...new Set(pods.map(compare))];
}

/** The comparisons of these pods with one answer, without duplicates, and only those with differences. */
export function changedComparisons(
  pods: readonly PodRecord[],
  answer: InjectorAnswer,
  workload: Workload,
): readonly Comparison[] {
  const compare = comparison(workload, () => answer);
  return distinctComparisons(pods, compare).filter(({ differences: found }) => found.length > 0);
}

/** The pods that are out of date according to the answer. */
export function outdatedOf(
  pods: readonly PodRecord[],
  answer: InjectorAnswer,
  workload: Workload,
): readonly PodRecord[] {
  const compare = comparison(workload, () => answer);
  return pods.filter((pod) => compare(pod).differences.length > 0);
}

function against(
  running: Sidecar | undefined,
  answer: Sidecar | undefined,
  template: ComparedTemplate,
  becomes: (old: Sidecar, now: Sidecar) => Sidecar,
): Comparison {
  const [one, other] = bothWithApplications(
    running && comparable(running, template),
    answer && comparable(answer, template),
    template,
  );
  const expected = one && other ? becomes(one, other) : other;
  const found = differences(one, expected);
  return found.length === 0
    ? SAME
    : {
        differences: found,
        others: [],
        changes: () => changedLeaves(one, expected),
        ...(one && expected ? { sidecars: { running: one, wanted: expected } } : {}),
      };
}

/** The sidecar without values that Istio derives from the pod; of the application's containers, only added fields. */
function comparable(sidecar: Sidecar, template: ComparedTemplate): Sidecar {
  const applications = applicationContainers(template);
  return {
    ...sidecar,
    containers: Object.fromEntries(
      Object.entries(sidecar.containers).map(([name, container]) => {
        const written = own(applications, name);
        return [name, written ? added(container, written) : withoutOwn(container, template)];
      }),
    ),
  };
}

/** Of rewritten variables, keeps only the names; leaves them out if the pod may come from another template. */
function withoutOwn(container: SidecarContainer, { isOfPod = false }: ComparedTemplate): SidecarContainer {
  const { env } = container.fields;
  if (!isObject(env) || !OF_THE_POD_ITSELF.some((name) => Object.hasOwn(env, name))) {
    return container;
  }
  const entries = Object.entries(env).flatMap(([name, value]) => {
    if (!OF_THE_POD_ITSELF.includes(name)) {
      return [[name, value] as const];
    }
    return isOfPod && REWRITTEN.includes(name) ? [[name, PRESENT] as const] : [];
  });
  return { ...container, fields: { ...container.fields, env: Object.fromEntries(entries) } };
}

/** The fields of a container that are not in the template, and so were added by the injector or another webhook. */
function added({ placement, fields }: SidecarContainer, written: SidecarContainer['fields']): SidecarContainer {
  return { placement, fields: subtracted(fields, written) };
}

function subtracted(
  fields: Readonly<Record<string, unknown>>,
  written: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => {
      const before = own(written, name);
      if (before === undefined) {
        return isEmpty(value) ? [] : [[name, value] as const];
      }
      const rest = isObject(value) && isObject(before) ? subtracted(value, before) : {};
      return isEmpty(rest) ? [] : [[name, rest] as const];
    }),
  );
}

function isEmpty(value: unknown): boolean {
  return isObject(value) && Object.keys(value).length === 0;
}

/**
 * Adds what only the other sidecar has: application containers, and objects nested in their fields. These additions
 * contain no values, only empty objects. The differences are then single fields, not whole containers or objects.
 */
function bothWithApplications(
  running: Sidecar | undefined,
  answer: Sidecar | undefined,
  template: PodTemplate,
): readonly [Sidecar | undefined, Sidecar | undefined] {
  if (!running || !answer) {
    return [running, answer];
  }
  const names = Object.keys(applicationContainers(template));
  const completed = (sidecar: Sidecar, other: Sidecar): Sidecar => {
    const containers = names.flatMap((name) => {
      const known = own(other.containers, name);
      const present = own(sidecar.containers, name) ?? (known && { ...known, fields: {} });
      return known && present
        ? [
            [
              name,
              { ...present, fields: withObjectsOf(known.fields, present.fields) as SidecarContainer['fields'] },
            ] as const,
          ]
        : [];
    });
    return { ...sidecar, containers: { ...sidecar.containers, ...Object.fromEntries(containers) } };
  };
  return [completed(running, answer), completed(answer, running)];
}

/** The value, with empty objects added where only the other value has an object. */
function withObjectsOf(other: unknown, value: unknown): unknown {
  if (!isObject(other) || !(value === undefined || isObject(value))) {
    return value;
  }
  const missing = Object.entries(other).flatMap(([key, item]) => {
    const inner = withObjectsOf(item, value && own(value, key));
    return inner === undefined ? [] : [[key, inner] as const];
  });
  return { ...value, ...Object.fromEntries(missing) };
}

/** The application's containers by name, in the form of a sidecar's containers. */
function applicationContainers({ spec }: PodTemplate): Readonly<Record<string, SidecarContainer['fields']>> {
  return Object.fromEntries(
    allContainers(spec).flatMap((container) =>
      isWellKnownContainer(container.name) ? [] : [[container.name, containerFields(container)] as const],
    ),
  );
}
