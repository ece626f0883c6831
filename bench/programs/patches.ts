import { setTimeout as sleep } from 'node:timers/promises';
import { RawRequests } from './raw-requests';

/** The output of a process that only sends the patches of a restart, and waits. */
export interface PatchesRun {
  readonly milliseconds: number;
  readonly requests: number;
  readonly restarted: number;
}

interface Deployment {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly generation: number };
  readonly spec: { readonly replicas: number };
  readonly status: Readonly<Record<string, number | undefined>>;
}

/** The pause between two reads of all rollouts: long enough not to slow down the controllers noticeably. */
const PAUSE_MILLISECONDS = 2_000;

const [kubeconfig = '', selector = ''] = process.argv.slice(2);

async function main(): Promise<void> {
  const raw = new RawRequests(kubeconfig);
  let requests = 0;
  const deployments = async () => {
    requests += 1;
    const query = `labelSelector=${encodeURIComponent(selector)}&resourceVersion=0`;
    return (await raw.json<{ items: Deployment[] }>({ method: 'GET', path: `/apis/apps/v1/deployments?${query}` }))
      .items;
  };
  const items = await deployments();
  const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() };
  const body = JSON.stringify({ spec: { template: { metadata: { annotations } } } });
  requests = 0;
  const start = performance.now();
  await Promise.all(
    items.map(({ metadata: { namespace, name } }) => {
      requests += 1;
      const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
      return raw.send({ method: 'PATCH', path, contentType: 'application/merge-patch+json', body });
    }),
  );
  const generations = new Map(items.map(({ metadata }) => [keyOf(metadata), metadata.generation]));
  while (!(await deployments()).every((one) => isRolledOut(one, generations.get(keyOf(one.metadata)) ?? 0))) {
    await sleep(PAUSE_MILLISECONDS);
  }
  const run: PatchesRun = { milliseconds: performance.now() - start, requests, restarted: items.length };
  raw.close();
  console.log(JSON.stringify(run));
}

function keyOf({ namespace, name }: Deployment['metadata']): string {
  return `${namespace}/${name}`;
}

function isRolledOut({ spec, status }: Deployment, generationBefore: number): boolean {
  const { observedGeneration = 0, replicas, updatedReplicas, availableReplicas } = status;
  return (
    observedGeneration > generationBefore &&
    [replicas, updatedReplicas, availableReplicas].every((count) => count === spec.replicas)
  );
}

void main();
