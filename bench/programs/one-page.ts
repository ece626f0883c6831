import { RawRequests } from './raw-requests';

/** The output of a process that holds one parsed page of pods. */
export interface OnePageRun {
  readonly peakMegabytes: number;
  readonly pods: number;
}

const [kubeconfig = '', limit = '500'] = process.argv.slice(2);

async function main(): Promise<void> {
  const raw = new RawRequests(kubeconfig);
  const page = await raw.json<{ items: object[] }>({ method: 'GET', path: `/api/v1/pods?limit=${limit}` });
  raw.close();
  const run: OnePageRun = { peakMegabytes: process.resourceUsage().maxRSS / 1024, pods: page.items.length };
  console.log(JSON.stringify(run));
}

void main();
