import { MARKDOWN_LIMIT, planMarkdown } from '../../../lib/cli/plan/plan-markdown';
import { CART, DEBUG, EVERY_DECISION, FULL, IGNORED, planFor, workload } from './example-plan';

describe('planMarkdown', () => {
  test('is a summary, a table, what is to be done by hand, and the differences folded away', () => {
    expect(planMarkdown(EVERY_DECISION, '').join('\n').split('\n')).toEqual([
      '**Sidecars** of cluster `kind-shop`: 1 to restart, 1 already rolling out, 1 to do by hand, 1 undetermined, 1 deferred, 1 skipped, 1 up to date, 1 not selected.',
      '',
      '| Namespace | Workload | Decision | Pods | Seamless | Reason |',
      '| --- | --- | --- | ---: | --- | --- |',
      '| shop | pod/debug | warn | 1 |  | 1 of 1 pod out of date (istio-init.image …:1.30.2-distroless → …:1.31.1-distroless, and 2 more); a Pod without a controller is not created again when it is deleted |',
      '| bank | statefulset/ledger | undetermined | 1 |  | its sidecar cannot be compared, since a new pod would be refused: exceeded quota: small |',
      '| shop | deployment/cart | restart | 2 | yes | 2 of 3 pods out of date (istio-init.image …:1.30.2-distroless → …:1.31.1-distroless, and 2 more) |',
      '| shop | deployment/web | wait | 1 |  | already rolling out to up-to-date pods |',
      '| shop | deployment/night | deferred | 1 | no | 1 of 1 pod out of date (istio-proxy.resources.limits.cpu 2 → 1); its maintenance window (Sat 00:00-04:00) opens at 2026-11-28T00:00:00Z, and a run within the window restarts it |',
      '| shop | deployment/own | skip |  |  | left alone: the annotation sidecar.istio.io/proxyImage sets a custom image for its sidecar |',
      '',
      'By hand:',
      '',
      '- Pod shop/debug: `kubectl -n shop replace --force -f MANIFEST-OF-debug.yaml`',
      '- StatefulSet bank/ledger: `kubectl describe namespace bank`',
      '',
      'Not seamless:',
      '',
      '- the only pod stops before the new one starts: Deployment shop/night',
      '',
      'Annotations that are invalid and ignored:',
      '',
      "- Namespace shop: annotation istio-module/order is 'first', which is invalid and ignored: write a whole number, such as '10' or '-1'",
      '',
      '<details>',
      '<summary>Differences of 4 workloads</summary>',
      '',
      ...block('Pod shop/debug, Deployment shop/cart:', [
        'istio-init, istio-proxy: image docker.io/istio/proxyv2:1.30.2-distroless → docker.io/istio/proxyv2:1.31.1-distroless',
        'istio-proxy: resources.limits.cpu 2 → 1',
      ]),
      ...block('Deployment shop/web, Deployment shop/night:', ['istio-proxy: resources.limits.cpu 2 → 1']),
      '</details>',
    ]);
  });

  test('is one sentence when there is nothing to do', () => {
    expect(planMarkdown(planFor([workload('a')]), '')).toEqual([
      '**Sidecars** of cluster `kind-shop`: nothing to do: 1 up to date.',
    ]);
  });

  test('says when it is an upper bound, and why', () => {
    expect(
      planMarkdown({ ...planFor([workload('a')]), bound: { message: 'istioctl is 1.30, not 1.31.' } }, ''),
    ).toEqual([
      '**Sidecars** of cluster `kind-shop`: nothing to do: 1 up to date.',
      '',
      '> **Upper bound**: istioctl is 1.30, not 1.31.',
    ]);
  });

  test('escapes texts from the cluster, and mentions nobody', () => {
    const message = 'refused: ask @platform `now` | <b>or</b> *never*';
    const differences = [{ path: 'istio-proxy.args', old: '```', new: 'a|b' }];
    const plan = planFor([{ ...FULL, message, differences, remedy: 'echo `date` | cat' }], {});
    const text = planMarkdown({ ...plan, cluster: 'a`b' }, '')
      .join('\n')
      .split('\n');
    expect(text).toContain('**Sidecars** of cluster ``a`b``: 1 undetermined.');
    expect(text).toContain(
      '| bank | statefulset/ledger | undetermined | 1 |  | refused: ask @<!-- -->platform \\`now\\` \\| \\<b\\>or\\</b\\> \\*never\\* |',
    );
    expect(text).toContain('- StatefulSet bank/ledger: ``echo `date` | cat``');
    expect(text).toEqual(expect.arrayContaining(['````text', 'istio-proxy: args ``` → a|b', '````']));
  });

  test.each([
    ['differences', { rows: 60, left: [/^… and \d+ more; see istio-module plan -o wide for their differences$/] }],
    [
      'everything',
      {
        rows: 2_000,
        left: [
          /^\| … \| \d+ more \| {2}\| {2}\| {2}\| omitted here \|$/,
          /^- … and \d+ more$/,
          /^- … and \d+ more$/,
          /^… and \d+ more; see istio-module plan -o wide for their differences$/,
        ],
      },
    ],
  ])('stays below its limit, and says how much is left out of %s', (_, { rows, left }) => {
    const long = (index: number) => ({ path: 'istio-proxy.env', old: 'x'.repeat(500), new: String(index).repeat(250) });
    const workloads = Array.from({ length: rows }, (__, index) => ({
      ...(index % 2 ? CART : DEBUG),
      ...{ name: `w${String(index)}`, remedy: index % 2 ? '' : `kubectl delete pod/w${String(index)}` },
      ...{ message: 'out of date', differences: [long(index)] },
    }));
    const ignoredAnnotations = Array.from({ length: rows }, () => IGNORED).slice(0, rows > 100 ? rows : 0);
    const text = planMarkdown(planFor(workloads, { ignoredAnnotations }), '').join('\n');
    expect(text.length).toBeLessThan(MARKDOWN_LIMIT);
    expect(text.length).toBeGreaterThan(0.9 * MARKDOWN_LIMIT);
    const lines = text.split('\n').filter((line) => line.includes('…'));
    expect(lines).toEqual(left.map((pattern) => expect.stringMatching(pattern) as string));
    expect(text.endsWith('\n</details>')).toBe(true);

    // The rows that are shown and those that are left out are all rows.
    const shown = text.match(/^\| shop \|/gm)?.length ?? 0;
    const leftOut = Number(/\| (\d+) more \|/.exec(text)?.[1] ?? 0);
    expect(shown + leftOut).toBe(rows);
    const blocks = text.match(/^```text$/gm)?.length ?? 0;
    expect(blocks + Number(/^… and (\d+) more/m.exec(text)?.[1] ?? 0)).toBe(rows);
  });
});

test('planMarkdown names only the first of many workloads with the same differences', () => {
  const workloads = Array.from({ length: 30 }, (_, index) => ({ ...CART, name: `w${String(index)}` }));
  const text = planMarkdown(planFor(workloads), '').join('\n');
  expect(text).toContain('Deployment shop/w18, Deployment shop/w19 and 10 more:\n\n```text\n');
  expect(text).not.toContain('shop/w20:');
});

function block(name: string, lines: readonly string[]): readonly string[] {
  return [name, '', '```text', ...lines, '```', ''];
}
