import diagnosticsChannel from 'node:diagnostics_channel';
import { writeFileSync } from 'node:fs';
import https from 'node:https';
import { planRestarts } from 'istio-module/engine';
import type { RawRequest } from './raw-requests';

/** The output of one run of the planner. */
export interface PlanRun {
  readonly milliseconds: number;
  /** The time of a second plan by the same process, whose code is compiled by then. */
  readonly againMilliseconds: number;
  /** Processor time of this process alone. */
  readonly processorMilliseconds: number;
  readonly requests: number;
  /** The peak resident memory of the process. */
  readonly peakMegabytes: number;
  /** How many workloads got each decision. */
  readonly decisions: Readonly<Record<string, number>>;
}

const [kubeconfig = '', probes = '1', again = 'once', recordFile] = process.argv.slice(2);

let requests = 0;
diagnosticsChannel.subscribe('http.client.request.start', () => {
  requests += 1;
});
const recorded: RawRequest[] = [];
if (recordFile) {
  record();
}

/** Records every request with its body, so that it can be sent again unchanged. */
function record(): void {
  const { request } = https;
  const recording = (options: https.RequestOptions, listener: () => void) => {
    const outgoing = request(options, listener);
    const end = outgoing.end.bind(outgoing);
    outgoing.end = ((body?: string) => {
      const { accept } = options.headers as Record<string, string>;
      recorded.push({ method: options.method ?? 'GET', path: options.path ?? '/', accept, body });
      return end(body);
    }) as typeof outgoing.end;
    return outgoing;
  };
  Object.assign(https, { request: recording });
}

async function main(): Promise<void> {
  const [start, processor] = [performance.now(), process.cpuUsage()];
  const injector = { deadlineSeconds: 60, settleSeconds: 0, probes: Number(probes) };
  const { workloads } = await planRestarts({ kubeconfig, injector });
  const milliseconds = performance.now() - start;
  const { user, system } = process.cpuUsage(processor);
  const decisions: Record<string, number> = {};
  for (const { decision } of workloads) {
    decisions[decision] = (decisions[decision] ?? 0) + 1;
  }
  const first = {
    milliseconds,
    processorMilliseconds: (user + system) / 1000,
    requests,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
    decisions,
  };
  const restart = performance.now();
  if (again === 'twice') {
    await planRestarts({ kubeconfig, injector });
  }
  const run: PlanRun = { ...first, againMilliseconds: performance.now() - restart };
  if (recordFile) {
    writeFileSync(recordFile, JSON.stringify(recorded));
  }
  console.log(JSON.stringify(run));
}

void main();
