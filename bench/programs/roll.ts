import diagnosticsChannel from 'node:diagnostics_channel';
import { restartWorkloads } from 'istio-module/engine';

/** The output of one run of the engine that restarts everything. */
export interface RollRun {
  /** From the call to the end of the last rollout. */
  readonly milliseconds: number;
  /** The part of this time until everything was planned and all permissions were checked. */
  readonly planningMilliseconds: number;
  readonly requests: number;
  readonly restarted: number;
}

const [kubeconfig = '', events = 'true'] = process.argv.slice(2);

async function main(): Promise<void> {
  let requests = 0;
  diagnosticsChannel.subscribe('http.client.request.start', () => {
    requests += 1;
  });
  const start = performance.now();
  let [planned, rolled, sent] = [NaN, NaN, 0];
  const { restarted } = await restartWorkloads({
    kubeconfig,
    injector: { deadlineSeconds: 60, settleSeconds: 0, probes: 1 },
    maxConcurrent: 100_000,
    timeoutSeconds: 1_200,
    events: events === 'true',
    onEvent({ type }) {
      if (type === 'roundBegan') {
        planned = performance.now();
      } else if (type === 'rolloutEnded') {
        rolled = performance.now();
        sent = requests;
      }
    },
  });
  const run: RollRun = {
    milliseconds: rolled - start,
    planningMilliseconds: planned - start,
    requests: sent,
    restarted: restarted.length,
  };
  console.log(JSON.stringify(run));
}

void main();
