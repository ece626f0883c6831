import type { LifecycleStep } from './lifecycle';
import { stepLines, stepTable } from './step-report';
import { changesOf, type WorkloadViews } from './workload-views';

const pod = (uid: string) => ({ name: `pod-${uid}`, uid, image: undefined, resources: undefined });
const before: WorkloadViews = {
  'Deployment/shop/cart': { generation: 1, pods: [pod('a'), pod('b')] },
  'Pod/shop/debug': { generation: 1, pods: [pod('c')] },
};
const after: WorkloadViews = {
  ...before,
  'Deployment/shop/cart': { generation: 2, pods: [pod('d'), pod('e')] },
};

function step(
  parts: Partial<LifecycleStep> & { readonly operations: Readonly<Record<string, number>> },
): LifecycleStep {
  const { operations, ...rest } = parts;
  const views = { before: rest.before ?? before, after: rest.after ?? after };
  return {
    title: 'a change',
    pulumi: { exitCode: 0, stdout: '', stderr: '', diagnostics: [], steps: [], changes: operations },
    report: undefined,
    diagnostics: [],
    changes: changesOf(views.before, views.after),
    seconds: 12.3,
    ...views,
    ...rest,
  };
}

const changed = step({
  operations: { update: 3, same: 40 },
  report: {
    restarted: [{ kind: 'Deployment', namespace: 'shop', name: 'cart', message: '2 of 2 pods old', differences: [] }],
    updated: [],
    ...{ warnings: [], skipped: [], deferred: [], undetermined: [], ignoredAnnotations: [], transitions: [] },
    counts: { restarted: 1, updated: 0, waited: 0, current: 1, warned: 1, skipped: 0, deferred: 0, undetermined: 0 },
  },
  diagnostics: [
    { severity: 'info#err', message: 'rolling out 1 workload' },
    { severity: 'warning', message: 'Pod shop/debug: by hand' },
    { severity: 'info', message: 'Deployment shop/own: left alone' },
  ],
});
const unchanged = step({ title: 'nothing changed', operations: { same: 43 }, after: before });

test('a step is summarized in a few lines', () => {
  expect(stepLines(changed)).toEqual([
    'Pulumi: 3 updated, 40 unchanged in 12 s',
    'restarted Deployment cart: 2 pods replaced, 1 pod left alone',
    'why, for example Deployment cart: 2 of 2 pods old',
    "Pulumi's warning: Pod shop/debug: by hand",
    "Pulumi's note: Deployment shop/own: left alone",
  ]);
});

test('a step in which nothing happened says so', () => {
  expect(stepLines(unchanged)).toEqual([
    'Pulumi: 43 unchanged in 12 s',
    'no workload was restarted, 3 pods left alone',
  ]);
});

test('the table has a row for each step', () => {
  expect(stepTable([changed, unchanged])).toEqual([
    'step             Pulumi                   restarted  warned  skipped  pods replaced  pods left alone  time',
    '---------------  -----------------------  ---------  ------  -------  -------------  ---------------  ----',
    'a change         3 updated, 40 unchanged  1          1       0        2              1                12 s',
    'nothing changed  43 unchanged             0          -       -        0              3                12 s',
  ]);
});

test('a workload that lost a pod without a new one is not among those that kept theirs', () => {
  const fewer = { ...before, 'Deployment/shop/cart': { generation: 1, pods: [pod('a')] } };

  expect(changesOf(before, fewer)).toEqual({
    replaced: ['Deployment/shop/cart'],
    kept: ['Pod/shop/debug'],
    podsReplaced: 1,
    podsKept: 2,
  });
});
