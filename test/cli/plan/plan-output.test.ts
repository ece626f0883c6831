import { parse } from 'yaml';
import { PLAN_FORMATS, type PlanFormat } from '../../../lib/cli/plan/plan-format';
import { planOutput } from '../../../lib/cli/plan/plan-output';
import { hasWork } from '../../../lib/cli/plan/plan-view';
import type { Decision } from '../../../lib/engine/plan/plan';
import { CART, EVERY_DECISION, FULL, planFor, workload } from './example-plan';

const options = { columns: Infinity, paint: (_: unknown, text: string) => text, selection: '', next: '' };
const output = (format?: PlanFormat, plan = EVERY_DECISION) => planOutput(plan, format, options);

describe('planOutput', () => {
  test('prints the plan itself as json and yaml', async () => {
    const json = (await output('json')).join('\n');
    expect(JSON.parse(json)).toEqual(EVERY_DECISION);
    expect(json).toMatch(/^\{\n {2}"schemaVersion": 1,\n {2}"cluster": "kind-shop",\n/);
    const yaml = (await output('yaml')).join('\n');
    expect(parse(yaml)).toEqual(EVERY_DECISION);
    // YAML 1.1 parsers read times as text, too.
    expect(yaml).toContain('generatedAt: "2026-11-24T12:00:00Z"');
    expect(yaml).not.toMatch(/^%/);
    // There are no anchors, although workloads share differences.
    expect(yaml).not.toMatch(/[&*]a\d/);
  });

  test('prints the kind and name of workloads with something to do as name', async () => {
    expect(await output('name')).toEqual([
      'pod/debug',
      'statefulset/ledger',
      'deployment/cart',
      'deployment/web',
      'deployment/night',
    ]);
  });

  test('prints more lines than the table as wide, and no table as markdown', async () => {
    const table = await output();
    const wide = await output('wide');
    expect(wide.length).toBeGreaterThan(table.length);
    expect(wide).toEqual(expect.arrayContaining([...table]));
    expect((await output('markdown'))[0]).toMatch(/^\*\*Sidecars\*\*/);
  });

  test('removes control characters from texts of the cluster', async () => {
    const plan = planFor([{ ...FULL, message: 'refused:\n\u001b[2Jall\tis well\u009b' }]);
    for (const format of [undefined, 'wide', 'markdown'] as const) {
      const text = (await output(format, plan)).join('\n');
      expect(text.replace('\\[', '[')).toContain('refused: [2Jall is well');
      expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    }
    expect(JSON.parse((await output('json', plan)).join(''))).toEqual(plan);
  });

  test('keeps an invalid name on one line', async () => {
    const name = 'debug\npod/all\u001b[2J\u202e';
    const plan = planFor([{ ...FULL, kind: 'Widget\nx', name, decision: 'warn' }]);
    expect(await output('name', plan)).toEqual([expect.stringMatching(/^widget x\/debug pod\/all \[2J$/)]);
    for (const format of ['json', 'yaml'] as const) {
      expect((await output(format, plan)).join('').replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
    }
  });

  test.each(PLAN_FORMATS)('prints %s in another way than the table', async (format) => {
    expect(await output(format, planFor([CART]))).not.toEqual(await output(undefined, planFor([CART])));
  });
});

describe('hasWork', () => {
  const expected: Record<Decision, boolean> = {
    update: true,
    ...{ restart: true, wait: true, warn: true, undetermined: true, deferred: true, current: false, skip: false },
  };
  test.each(Object.entries(expected))('%s is something to do: %p', (decision, isWork) => {
    expect(hasWork(planFor([workload('a', { decision: decision as Decision })]))).toBe(isWork);
  });
});
