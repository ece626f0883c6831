import { checkOptions } from '../../../lib/engine/run/restart-options';
import { restartWorkloads } from '../../../lib/engine/run/restart-workloads';

describe('checkOptions', () => {
  test('takes what is left out, and what is in range', () => {
    checkOptions({});
    checkOptions({
      maxConcurrent: 1,
      maxConcurrentPerNamespace: 1,
      stuckSeconds: 0,
      deadlineSeconds: 1,
      timeoutSeconds: 1,
      injector: { deadlineSeconds: 0, settleSeconds: 0, probes: 1 },
    });
  });

  test('names everything that is out of range, and what to write instead', () => {
    const options = {
      maxConcurrent: 0,
      maxConcurrentPerNamespace: 1.5,
      stuckSeconds: -1,
      deadlineSeconds: 0,
      timeoutSeconds: NaN,
      injector: { deadlineSeconds: -1, settleSeconds: Infinity, probes: 1.5 },
    };
    expect(() => {
      checkOptions(options);
    }).toThrow(
      expect.objectContaining({
        code: 'InvalidOption',
        message:
          'maxConcurrent is 0: write a whole number of at least 1; maxConcurrentPerNamespace is 1.5: write a whole number of at least 1; timeoutSeconds is NaN: write a number of at least 1; stuckSeconds is -1: write a number of at least 0; deadlineSeconds is 0: write a number of at least 1; injector.deadlineSeconds is -1: write a number of at least 0; injector.settleSeconds is Infinity: write a number of at least 0; injector.probes is 1.5: write a whole number of at least 1.',
      }) as Error,
    );
  });

  test('refuses to publish plans among the configuration of Istio, whose changes lead to plans', () => {
    expect(() => {
      checkOptions({ publishPlan: { namespace: 'istio-system', name: 'istio-plan' } });
    }).toThrow(
      expect.objectContaining({
        code: 'InvalidOption',
        message:
          "publishPlan.name is istio-plan: write a name that does not begin with istio, because such names belong to Istio's ConfigMaps.",
      }) as Error,
    );
  });

  test('refuses a selector that cannot be read', () => {
    expect(() => {
      checkOptions({ selector: 'app=a,!' });
    }).toThrow(
      expect.objectContaining({
        code: 'InvalidOption',
        problem: expect.stringContaining("'app=a,!'") as string,
      }) as Error,
    );
  });

  test('comes before any connection', async () => {
    await expect(restartWorkloads({ kubeconfig: '/nowhere', maxConcurrent: -1 })).rejects.toMatchObject({
      code: 'InvalidOption',
    });
  });
});
