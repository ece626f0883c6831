import { KubernetesApi, type RequestOptions } from '../../../lib/engine/cluster/api';
import { PlanPublisher } from '../../../lib/engine/run/plan-publisher';
import type { RestartOptions } from '../../../lib/engine/run/restart-options';
import type { PublishedPlan } from '../../../lib/engine/run/published-plan';
import { CART, planFor, workload } from '../../cli/plan/example-plan';

const publishPlan = { namespace: 'ops', name: 'sidecar-plan' };

describe('PlanPublisher', () => {
  const requests: { readonly path: string; readonly options: RequestOptions }[] = [];
  const told: string[] = [];
  let answer: () => Promise<unknown>;

  beforeEach(() => {
    requests.length = 0;
    told.length = 0;
    answer = () => Promise.resolve({});
  });

  const publisher = (options: Pick<RestartOptions, 'publishPlan'> = { publishPlan }) => {
    const api = Object.assign(Object.create(KubernetesApi.prototype) as KubernetesApi, {
      request: (path: string, options: RequestOptions) => {
        requests.push({ path, options });
        return answer();
      },
    });
    return new PlanPublisher(api, options, (message) => told.push(message));
  };
  const names = () =>
    requests.map(({ options }) => {
      const { data } = options.body as { data: Record<string, string> };
      return (JSON.parse(data['plan.json'] ?? '') as PublishedPlan).workloads.map(({ name }) => name);
    });
  const planned = (name: string) => ({ type: 'planned' as const, plan: planFor([workload(name, { ...CART, name })]) });

  test('writes the plan into the ConfigMap, without control characters', async () => {
    const publishing = publisher();
    publishing.onEvent({ type: 'reading' });
    publishing.onEvent({ type: 'planned', plan: planFor([workload('cart', { ...CART, message: 'a\u001b[2Jb' })]) });
    await publishing.settled();
    expect(requests).toMatchObject([
      {
        path: '/api/v1/namespaces/ops/configmaps/sidecar-plan',
        options: {
          method: 'PATCH',
          contentType: 'application/merge-patch+json',
          query: { fieldManager: 'istio-module' },
        },
      },
    ]);
    expect(JSON.stringify(requests[0]?.options.body)).not.toMatch(/\\u001b/);
    expect(names()).toEqual([['cart']]);
  });

  test('writes the latest plan after the one that is being written', async () => {
    let release: () => void = () => undefined;
    answer = () => new Promise<void>((resolve) => (release = resolve));
    const publishing = publisher();
    publishing.onEvent(planned('first'));
    publishing.onEvent(planned('second'));
    publishing.onEvent(planned('third'));
    answer = () => Promise.resolve({});
    release();
    await publishing.settled();
    expect(names()).toEqual([['first'], ['third']]);
  });

  test('says once why it cannot, and does not try again', async () => {
    answer = () => Promise.reject(new Error('configmaps "sidecar-plan" not found.'));
    const publishing = publisher();
    publishing.onEvent(planned('first'));
    await publishing.settled();
    publishing.onEvent(planned('second'));
    await publishing.settled();
    expect(told).toEqual(['ConfigMap ops/sidecar-plan: configmaps "sidecar-plan" not found']);
    expect(requests).toHaveLength(1);
  });

  test('writes nothing unless it is asked to', async () => {
    const publishing = publisher({});
    publishing.onEvent(planned('first'));
    await publishing.settled();
    expect(requests).toEqual([]);
  });
});
