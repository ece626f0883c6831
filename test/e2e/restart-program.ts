import { eventLines, restartWorkloads, type RestartOptions } from 'istio-module/engine';

/** A process that restarts workloads on request and reports its progress: a test kills it. */
process.once('message', (options: RestartOptions) => {
  restartWorkloads({ ...options, onEvent: eventLines((line) => process.send?.(line)) }).then(
    () => {
      process.disconnect();
    },
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});
process.send?.('ready');
