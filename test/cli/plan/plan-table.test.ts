import { planTable, type PlanTableOptions } from '../../../lib/cli/plan/plan-table';
import type { RestartPlan } from '../../../lib/engine/plan/plan';
import {
  CART,
  DEBUG,
  EVERY_DECISION,
  FULL,
  IGNORED,
  LATER,
  LEFT,
  OTHER,
  OWN_IMAGE,
  planFor,
  ROLLING,
  workload,
} from './example-plan';

const NEXT = 'Next: istio-module restart';

function lines(plan: RestartPlan, options: Partial<PlanTableOptions> = {}): readonly string[] {
  const plain: PlanTableOptions = {
    ...{ columns: Infinity, paint: (_, text) => text, selection: '', isWide: false, next: NEXT },
  };
  return planTable(plan, { ...plain, ...options });
}

describe('planTable', () => {
  test('has a row for each workload that is not current, manual steps first, and ends with what to run next', () => {
    expect(lines(EVERY_DECISION)).toEqual([
      'NAMESPACE  WORKLOAD            DECISION      PODS  SEAMLESS  REASON',
      'shop       pod/debug           warn          1     -         1 of 1 pod out of date (istio-init.image …:1.30.2-distroless → …:1.31.1-distroless, and 2 more); a Pod without a controller is not created again when it is deleted',
      'bank       statefulset/ledger  undetermined  1     -         its sidecar cannot be compared, since a new pod would be refused: exceeded quota: small',
      'shop       deployment/cart     restart       2     yes       2 of 3 pods out of date (istio-init.image …:1.30.2-distroless → …:1.31.1-distroless, and 2 more)',
      'shop       deployment/web      wait          1     -         already rolling out to up-to-date pods',
      'shop       deployment/night    deferred      1     no        1 of 1 pod out of date (istio-proxy.resources.limits.cpu 2 → 1); its maintenance window (Sat 00:00-04:00) opens at 2026-11-28T00:00:00Z, and a run within the window restarts it',
      'shop       deployment/own      skip          -     -         left alone: the annotation sidecar.istio.io/proxyImage sets a custom image for its sidecar',
      '',
      'By hand:',
      '  Pod shop/debug',
      '    kubectl -n shop replace --force -f MANIFEST-OF-debug.yaml',
      '  StatefulSet bank/ledger',
      '    kubectl describe namespace bank',
      '',
      'Not seamless:',
      '  Deployment shop/night',
      '    the only pod stops before the new one starts',
      '',
      "Note: Namespace shop: annotation istio-module/order is 'first', which is invalid and ignored: write a whole number, such as '10' or '-1'.",
      '',
      'Workloads: 1 to restart, 1 already rolling out, 1 to do by hand, 1 undetermined, 1 deferred, 1 skipped, 1 up to date, 1 not selected.',
      NEXT,
    ]);
  });

  test('wraps its reasons within their column, and cuts no command', () => {
    expect(lines(planFor([CART, DEBUG]), { columns: 88 })).toEqual([
      'NAMESPACE  WORKLOAD         DECISION  PODS  SEAMLESS  REASON',
      'shop       pod/debug        warn      1     -         1 of 1 pod out of date',
      '                                                      (istio-init.image',
      '                                                      …:1.30.2-distroless →',
      '                                                      …:1.31.1-distroless, and 2 more);',
      '                                                      a Pod without a controller is not',
      '                                                      created again when it is deleted',
      'shop       deployment/cart  restart   2     yes       2 of 3 pods out of date',
      '                                                      (istio-init.image',
      '                                                      …:1.30.2-distroless →',
      '                                                      …:1.31.1-distroless, and 2 more)',
      '',
      'By hand:',
      '  Pod shop/debug',
      '    kubectl -n shop replace --force -f MANIFEST-OF-debug.yaml',
      '',
      'Workloads: 1 to restart, 1 to do by hand.',
      NEXT,
    ]);
  });

  test('has the reasons below the rows where there is no room for a column', () => {
    expect(lines(planFor([CART]), { columns: 60 })).toEqual([
      'NAMESPACE  WORKLOAD         DECISION  PODS  SEAMLESS',
      'shop       deployment/cart  restart   2     yes',
      '  2 of 3 pods out of date (istio-init.image',
      '  …:1.30.2-distroless → …:1.31.1-distroless, and 2 more)',
      '',
      'Workloads: 1 to restart.',
      NEXT,
    ]);
  });

  test('lists each difference if it is wide', () => {
    expect(lines(planFor([CART, ROLLING]), { columns: 110, isWide: true })).toEqual([
      'NAMESPACE  WORKLOAD         DECISION  PODS  SEAMLESS  REASON',
      'shop       deployment/cart  restart   2     yes       2 of 3 pods out of date (istio-init.image',
      '                                                      …:1.30.2-distroless → …:1.31.1-distroless, and 2 more)',
      '    istio-init, istio-proxy: image docker.io/istio/proxyv2:1.30.2-distroless →',
      '      docker.io/istio/proxyv2:1.31.1-distroless',
      '    istio-proxy: resources.limits.cpu 2 → 1',
      'shop       deployment/web   wait      1     -         already rolling out to up-to-date pods',
      '    istio-proxy: resources.limits.cpu 2 → 1',
      '',
      'Workloads: 1 to restart, 1 already rolling out.',
      NEXT,
    ]);
  });

  test('styles only the header, the decisions and what is not seamless', () => {
    const paint: PlanTableOptions['paint'] = (style, text) => `<${String(style)} ${text}>`;
    expect(lines(EVERY_DECISION, { paint }).map((line) => line.match(/<[^>]+>/g)?.join('') ?? '')).toEqual([
      '<bold NAMESPACE><bold WORKLOAD><bold DECISION><bold PODS><bold SEAMLESS><bold REASON>',
      ...['<red warn>', '<magenta undetermined>', '<yellow restart>', '<cyan wait>'],
      ...['<blue deferred><red no>', '<dim skip>'],
      ...Array<string>(15).fill(''),
    ]);
  });

  test('names a command once, with all workloads that it is for', () => {
    const other = { ...FULL, name: 'other' };
    expect(lines(planFor([FULL, other]))).toEqual(
      expect.arrayContaining([
        'By hand:',
        '  StatefulSet bank/ledger, StatefulSet bank/other',
        '    kubectl describe namespace bank',
      ]),
    );
  });

  test('says why restarts are not seamless, each reason once, with all workloads that it is for', () => {
    const noHook = { code: 'NoPreStop', message: 'without a preStop hook' } as const;
    const one = { ...CART, interruption: { expected: true, reasons: [noHook] } };
    const other = { ...one, name: 'web', interruption: { ...LATER.interruption, expected: true, reasons: [noHook] } };
    expect(lines(planFor([one, other, LATER, LEFT])).slice(5)).toEqual([
      '',
      'Not seamless:',
      '  Deployment shop/cart, Deployment shop/web',
      '    without a preStop hook',
      '  Deployment shop/night',
      '    the only pod stops before the new one starts',
      '',
      'Workloads: 2 to restart (2 not seamless), 2 deferred.',
      NEXT,
    ]);
  });

  test('lists updates in place, and says where --in-place would help', () => {
    const inPlace = { pods: ['debug'], differences: DEBUG.differences, remaining: [] };
    const update = { ...DEBUG, inPlace, decision: 'update', message: 'old, so it is updated in place' } as const;
    expect(lines(planFor([{ ...update, remedy: '' }]))).toEqual([
      'NAMESPACE  WORKLOAD   DECISION  PODS  SEAMLESS  REASON',
      'shop       pod/debug  update    1     -         old, so it is updated in place',
      '',
      'Workloads: 1 to update in place.',
      NEXT,
    ]);
    const hint =
      /^Note: 1 workload with the decision warn can be updated in place, completely or in part: add --in-place/;
    expect(lines(planFor([{ ...DEBUG, inPlace }, CART])).filter((line) => hint.test(line))).toHaveLength(1);
    expect(lines(planFor([DEBUG, update])).filter((line) => hint.test(line))).toEqual([]);
  });

  test('is one sentence when there is nothing to do', () => {
    expect(lines(planFor([workload('a'), workload('b')]))).toEqual(['Nothing to do: 2 up to date.']);
    expect(lines(planFor([OWN_IMAGE, OTHER]), { isWide: true })).toEqual(['Nothing to do: 1 skipped, 1 not selected.']);
    expect(lines(planFor([]))).toEqual(['No workload has a sidecar, or would get one.']);
  });

  test('says so when the selection selects nothing', () => {
    expect(lines(planFor([OTHER]), { selection: '-n shop' })).toEqual([
      'No workload that -n shop selects has a sidecar, or would get one (1 not selected).',
    ]);
  });

  test('reports ignored annotations even if there is nothing to do', () => {
    expect(lines(planFor([workload('a')], { ignoredAnnotations: [IGNORED] }))).toEqual([
      'Nothing to do: 1 up to date.',
      `Note: Namespace shop: ${IGNORED.message}.`,
    ]);
  });

  test('says when it is an upper bound, and why', () => {
    const bound = { message: 'istioctl is not on the PATH.' };
    expect(lines({ ...planFor([CART]), bound }).slice(-4)).toEqual([
      'Upper bound: istioctl is not on the PATH.',
      '',
      'Workloads: 1 to restart.',
      NEXT,
    ]);
    expect(lines({ ...planFor([workload('a')]), bound })).toEqual([
      'Nothing to do: 1 up to date.',
      'Upper bound: istioctl is not on the PATH.',
    ]);
  });
});
