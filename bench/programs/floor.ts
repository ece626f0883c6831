import { readFileSync } from 'node:fs';
import { inParallel, RawRequests, type RawRequest } from './raw-requests';

/** The output of a process that sends the same requests without a planner. */
export interface FloorRun {
  readonly milliseconds: number;
  readonly processorMilliseconds: number;
  readonly pages: number;
  readonly dryRuns: number;
  /** Questions to the injector alone. */
  readonly questions: number;
  readonly megabytes: number;
}

/** The number of questions that the engine asks concurrently. */
const AT_ONCE = 16;
/** The API server writes a list's metadata before its items. */
const CONTINUE = /^.{0,300}?"metadata":\{[^}]*?"continue":"([^"]+)"/;

const [kubeconfig = '', recordFile = ''] = process.argv.slice(2);
const recorded = JSON.parse(readFileSync(recordFile, 'utf8')) as RawRequest[];
const raw = new RawRequests(kubeconfig);

/** The first page of each collection, once. */
const lists = new Map<string, RawRequest>();
for (const one of recorded) {
  const query = new URL(one.path, 'https://localhost').searchParams;
  const isOfSnapshot = query.has('limit') && !query.has('continue') && !query.has('labelSelector');
  if (one.method === 'GET' && isOfSnapshot && !one.path.includes('webhookconfigurations')) {
    lists.set(one.path, one);
  }
}
/** All but the probes of the injector, which come first. */
const questions = recorded.filter(({ method, body = '' }) => method === 'POST' && !body.includes('-probe-'));
const dryRuns = questions.filter(({ path }) => path.includes('dryRun=All'));
const alone = questions.filter(({ path }) => path.includes('/proxy/'));

async function main(): Promise<void> {
  const [start, processor] = [performance.now(), process.cpuUsage()];
  let [pages, bytes] = [0, 0];
  for (const list of lists.values()) {
    let next: string | undefined = '';
    while (next !== undefined) {
      const path: string = list.path + (next ? `&continue=${encodeURIComponent(next)}` : '');
      let beginning = '';
      await raw.send({ ...list, path }, (chunk) => {
        bytes += chunk.length;
        if (beginning.length < 4_000) beginning += chunk.toString('latin1', 0, 4_000);
      });
      next = CONTINUE.exec(beginning)?.[1];
      pages += 1;
    }
  }
  await inParallel([...dryRuns, ...alone], AT_ONCE, (question) => raw.send(question));
  const milliseconds = performance.now() - start;
  const { user, system } = process.cpuUsage(processor);
  raw.close();
  const run: FloorRun = {
    milliseconds,
    processorMilliseconds: (user + system) / 1000,
    pages,
    dryRuns: dryRuns.length,
    questions: alone.length,
    megabytes: bytes / 1e6,
  };
  console.log(JSON.stringify(run));
}

void main();
