import { RestartError, type RestartReport } from 'istio-module/engine';

/** A workload as seen from outside. */
export interface LaneWorkload {
  readonly generation: number;
  /** Pods that are being deleted are left out. */
  readonly pods: readonly { readonly uid: string; readonly isCurrent: boolean }[];
}

/** By kind, namespace and name as messages have them, such as `Deployment lane-1/web`. */
export type LaneView = Readonly<Record<string, LaneWorkload>>;

/** How the run with the fault ended. */
export type Outcome = RestartReport | RestartError | { readonly thrown: unknown };

/** The workloads before the run with the fault, after it, and after the run without a fault. */
export interface Looks {
  readonly before: LaneView;
  readonly between: LaneView;
  readonly after: LaneView;
}

/** The outcome in a word, for the summary. */
export function wordOf(outcome: Outcome): string {
  return outcome instanceof RestartError ? outcome.code : 'thrown' in outcome ? 'another error' : 'completed';
}

/** What is wrong with the run that had a fault: with how it ended, and with what it reports about that. */
export function problemsOfFirst(outcome: Outcome, { before, between }: Looks): string[] {
  if ('thrown' in outcome) {
    return [`ended with something that is no RestartError: ${String(outcome.thrown)}`];
  }
  if (!(outcome instanceof RestartError)) {
    return [
      ...problemsOfFinal(before, between),
      ...(same(namesOf(outcome), Object.keys(before)) ? [] : [`reports as done: ${namesOf(outcome).join(', ')}`]),
    ];
  }
  const { message, done } = outcome;
  const changed = Object.keys(before).filter((name) => between[name]?.generation !== before[name]?.generation);
  return [
    ...(/[^.;: ]\.$/.test(message) && !/undefined|NaN|\[object|\.\.|;;| {2}|: ;/.test(message)
      ? []
      : ['the message is no sentence']),
    ...changed.filter((name) => !message.includes(name)).map((name) => `does not name ${name}, which it has changed`),
    ...(message.includes('Nothing was restarted') && changed.length > 0 ? ['says that nothing was restarted'] : []),
    ...(done?.restarted ?? [])
      .filter((name) => !isDone(between, name))
      .map((name) => `says that it has restarted ${name}, which is not up to date`),
  ].map((problem) => `${problem}: ${outcome.code}: ${message}`);
}

/** What is wrong with the run after it, which has no fault. */
export function problemsOfSecond(outcome: Outcome, { before, between, after }: Looks): string[] {
  if (outcome instanceof RestartError || 'thrown' in outcome) {
    return [`a second run does not complete it: ${String(outcome instanceof RestartError ? outcome : outcome.thrown)}`];
  }
  const kept = new Set(Object.values(after).flatMap(({ pods }) => pods.map(({ uid }) => uid)));
  const twice = Object.entries(between).filter(([, { pods }]) =>
    pods.some(({ uid, isCurrent }) => isCurrent && !kept.has(uid)),
  );
  return [...problemsOfFinal(before, after), ...twice.map(([name]) => `a new pod of ${name} is replaced once more`)];
}

/** In the correct final state, every pod is new, after a single change to its workload. */
function problemsOfFinal(before: LaneView, final: LaneView): string[] {
  return Object.entries(before).flatMap(([name, { generation }]) => {
    const found = (final[name]?.generation ?? 0) - generation;
    return [
      ...(isDone(final, name) ? [] : [`${name} is not up to date`]),
      ...(found === 1 ? [] : [`${name} was changed ${String(found)} times`]),
    ];
  });
}

function isDone(view: LaneView, name: string): boolean {
  const { pods = [] } = view[name] ?? {};
  return pods.length > 0 && pods.every(({ isCurrent }) => isCurrent);
}

function namesOf({ restarted, waited }: RestartReport): string[] {
  return [...restarted, ...waited].map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`);
}

function same(names: readonly string[], others: readonly string[]): boolean {
  return [...names].sort().join() === [...others].sort().join();
}
