import { nextStep, selectionText } from '../../../lib/cli/plan/next-step';
import { CART, DEBUG, LATER, LEFT, planFor, ROLLING } from './example-plan';

describe('nextStep', () => {
  test('is a restart with the same cluster and selection', () => {
    const flags = { kubeconfig: '/my files/config', context: 'kind-shop', namespace: ['shop', 'bank'], selector: '!a' };
    expect(nextStep(planFor([CART, LATER]), {})).toBe('Next: istio-module restart');
    expect(nextStep(planFor([ROLLING]), flags)).toBe(
      "Next: istio-module restart --kubeconfig '/my files/config' --context kind-shop -n shop,bank -l '!a'",
    );
  });

  test.each(['apiVersion: v1\nkind: Config', '{"kind": "Config"}'])(
    'does not show a kubeconfig itself: %j',
    (kubeconfig) => {
      expect(nextStep(planFor([CART]), { kubeconfig })).toBe('Next: istio-module restart --kubeconfig KUBECONFIG');
    },
  );

  test('evicts if the plan evicts', () => {
    expect(nextStep(planFor([CART]), { evict: true })).toBe('Next: istio-module restart --evict');
  });

  test('keeps --only-seamless, unless everything would be left, in which case it suggests a restart without the flag', () => {
    const flags = { onlySeamless: true, namespace: ['shop'] };
    expect(nextStep(planFor([CART, LEFT]), flags)).toBe('Next: istio-module restart -n shop --only-seamless');
    expect(nextStep(planFor([LEFT]), flags)).toBe(
      'Next, when traffic may be interrupted: istio-module restart -n shop',
    );
  });

  test('begins with applying the manifests if the plan is for manifests', () => {
    expect(nextStep(planFor([CART]), { with: ['mesh.yaml'] })).toBe(
      'Next: apply the manifests, then istio-module restart',
    );
  });

  test('names the first maintenance window if all workloads are deferred', () => {
    const sooner = { ...LATER, deferredUntil: '2026-11-27T00:00:00Z' };
    expect(nextStep(planFor([LATER, sooner]), {})).toBe('Next, from 2026-11-27T00:00:00Z on: istio-module restart');
  });

  test('updates in place if the plan does', () => {
    const update = { ...DEBUG, decision: 'update' } as const;
    expect(nextStep(planFor([update]), { inPlace: true })).toBe('Next: istio-module restart --in-place');
  });

  test('is no restart where only manual steps are left', () => {
    expect(nextStep(planFor([DEBUG]), {})).toBe(
      'Next: only manual steps are left; istio-module restart has nothing to do.',
    );
  });
});

describe('selectionText', () => {
  test.each([
    [{}, ''],
    [{ namespace: ['shop'], allNamespaces: true }, ''],
    [{ namespace: ['shop', 'bank'], selector: 'app=cart' }, '-n shop,bank -l app=cart'],
    [{ selector: "app in (a, b),c!='d'" }, "-l 'app in (a, b),c!='\\''d'\\'''"],
  ])('turns %j into flags', (flags, text) => {
    expect(selectionText(flags)).toBe(text);
  });
});
