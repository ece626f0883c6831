import { ControlPlane } from '../control-plane';
import { RealNode } from './real-node';

const progress = (line: string) => process.stdout.write(`${line}\n`);

/** A process that owns a control plane with a real node and does nothing more: a test kills it. */
ControlPlane.start({ progress })
  .then((controlPlane) => RealNode.join(controlPlane, { progress }))
  .then(
    () => setInterval(() => undefined, 60_000),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exitCode = 1;
    },
  );
