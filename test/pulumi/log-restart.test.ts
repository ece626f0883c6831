import { linesOf } from '../../lib/pulumi/log-restart';
import type { WorkloadPlan } from '../../lib/engine/plan/plan';

const warned = (name: string, remedy: string): WorkloadPlan => ({
  namespace: 'shop',
  kind: 'ReplicaSet',
  name,
  decision: 'warn',
  reason: 'BareReplicaSet',
  message: '1 of 1 pod lacks the sidecar that the injector adds',
  remedy,
  pods: [],
  differences: [],
});

describe('linesOf', () => {
  test('says what is wrong, and which command helps', () => {
    expect(linesOf([warned('one', 'kubectl -n shop delete pod one-x')])).toEqual([
      'ReplicaSet shop/one: 1 of 1 pod lacks the sidecar that the injector adds. By hand: kubectl -n shop delete pod one-x',
    ]);
  });

  test('names an invalid annotation, on a Namespace by its name alone', () => {
    const message = "annotation istio-module/restart is 'off', which is invalid and ignored";
    const ignored = {
      kind: 'Namespace',
      namespace: '',
      name: 'shop',
      annotation: 'istio-module/restart',
      value: 'off',
    };
    expect(linesOf([{ ...ignored, message }])).toEqual([`Namespace shop: ${message}.`]);
  });

  test('leaves out the command where there is nothing to do', () => {
    expect(linesOf([warned('one', '')])).toEqual([
      'ReplicaSet shop/one: 1 of 1 pod lacks the sidecar that the injector adds.',
    ]);
  });

  test('shows the first five workloads, and how many more there are', () => {
    const lines = linesOf(Array.from({ length: 7 }, (_, index) => warned(`set-${String(index)}`, '')));
    expect(lines).toHaveLength(6);
    expect(lines[4]).toMatch(/^ReplicaSet shop\/set-4: /);
    expect(lines[5]).toBe("and 2 more; see the resource's outputs for all of them");
    expect(linesOf(Array.from({ length: 5 }, (_, index) => warned(`set-${String(index)}`, '')))).toHaveLength(5);
  });
});
