import { ControlPlane } from './control-plane';

/** A process that owns a control plane and does nothing more: a test kills it. */
ControlPlane.start({ progress: (line) => process.stdout.write(`${line}\n`) }).then(
  () => setInterval(() => undefined, 60_000),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  },
);
