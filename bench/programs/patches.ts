import { setTimeout as sleep } from 'node:timers/promises';
import { RawRequests } from './raw-requests';

/** What a process prints that only sends the patches of a restart, and waits. */
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

/** As long as the engine pauses between two looks at a rollout, in milliseconds. */
const PAUSE = { first: 250, last: 2_000 };

const [kubeconfig = '', selector = ''] = process.argv.slice(2);

async function main(): Promise<void> {
  const raw = new RawRequests(kubeconfig);
  const collection = `/apis/apps/v1/deployments?labelSelector=${encodeURIComponent(selector)}`;
  const { items } = await raw.json<{ items: Deployment[] }>({ method: 'GET', path: collection });
  const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() };
  const body = JSON.stringify({ spec: { template: { metadata: { annotations } } } });
  let requests = 0;
  const start = performance.now();
  await Promise.all(
    items.map(async ({ metadata: { namespace, name } }) => {
      const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
      requests += 1;
      await raw.send({ method: 'PATCH', path, contentType: 'application/merge-patch+json', body });
      for (let pause = PAUSE.first; ; pause = Math.min(pause * 1.5, PAUSE.last)) {
        requests += 1;
        if (isRolledOut(await raw.json<Deployment>({ method: 'GET', path }))) {
          return;
        }
        await sleep(pause);
      }
    }),
  );
  const run: PatchesRun = { milliseconds: performance.now() - start, requests, restarted: items.length };
  raw.close();
  console.log(JSON.stringify(run));
}

function isRolledOut({ metadata, spec, status }: Deployment): boolean {
  const { observedGeneration = 0, replicas, updatedReplicas, availableReplicas } = status;
  return (
    observedGeneration >= metadata.generation &&
    [replicas, updatedReplicas, availableReplicas].every((count) => count === spec.replicas)
  );
}

void main();
